"""A whole measurement: learn what the registers hold, then be hostile until the plan is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sibiao.errors import SibiaoError
from sibiao.node.contract import Clock, Line
from sibiao.sim.dlt645_reading import ReadItem
from sibiao.sim.hostile_forms import FORMS
from sibiao.sim.hostile_meter import HostileMeter
from sibiao.sim.hostile_result import HostileResult, Plan
from sibiao.sim.hostile_truth import Learned

RunUntil = Callable[[Callable[[], bool]], object]
_LEARNING_READS = 2  # of each register, and all alike


def measured(
    run_until: RunUntil,
    clock: Clock,
    line: Line,
    items: Sequence[ReadItem],
    plan: Plan,
    *,
    growing: int = 0,
    seed: int = 1,
    forms: Sequence[str] = tuple(FORMS),
    errors: float = 0.0,
    baud: int = 2400,
    parity: str = "E",
    on_read: Callable[[HostileResult], None] | None = None,
) -> HostileResult:
    """`growing`: by how many of its last digit a value may grow from one read to the next.
    Ctrl-C ends it early: the result says so."""
    settings = {"seed": seed, "baud": baud, "parity": parity}
    known = Learned(growing)
    reads = Plan(_LEARNING_READS * len(items), tries=plan.tries)
    first = HostileMeter(clock, line, items, known, reads, forms=["plain"], **settings)
    first.start()
    run_until(lambda: first.finished)
    for name, tally in first.result.items.items():
        if tally.failed:
            why = ", ".join(f"{n} times {fault}" for fault, n in first.result.faults.items())
            raise SibiaoError(
                f"{name} was not read twice alike on the line as it is ({why or 'it changes'}): "
                "check the wiring, the rate and the address; a total that runs needs --growing"
            )
    known.learning = False
    meter = HostileMeter(
        clock, line, items, known, plan, forms=forms, errors=errors, on_read=on_read, **settings
    )
    meter.start()
    try:
        run_until(lambda: meter.finished)
    except KeyboardInterrupt:
        line.on_byte = None
    return meter.result
