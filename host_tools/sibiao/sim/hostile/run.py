"""A whole measurement: learn what the registers hold, then be hostile until the plan is done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from sibiao.errors import SibiaoError
from sibiao.node.contract import Clock, Line
from sibiao.sim.hostile.forms import FORMS
from sibiao.sim.hostile.meter import HostileMeter
from sibiao.sim.hostile.result import HostileResult, Plan
from sibiao.sim.hostile.truth import Learned
from sibiao.sim.uplink.dlt645_reading import ReadItem

RunUntil = Callable[[Callable[[], bool]], object]
_LEARNING_READS = 2  # of each register, and all alike
_PATIENCE = 40  # tries at the very first, about half a minute: the far end may still be starting


def measured(
    run_until: RunUntil,
    clock: Clock,
    line: Line,
    items: Sequence[ReadItem],
    plan: Plan,
    *,
    growing: int = 0,
    forms: Sequence[str] = tuple(FORMS),
    errors: float = 0.0,
    on_read: Callable[[HostileResult], None] | None = None,
    **settings,
) -> HostileResult:
    """`growing`: by how many of its last digit a value may grow from one read to the next.
    `settings`: seed, baud, parity and td_limits_ns of the `HostileMeter`. Ctrl-C ends it early,
    and the result says so."""
    known = Learned(growing, clock)
    try:
        _learn(run_until, clock, line, items, known, plan.tries, **settings)
    except KeyboardInterrupt:
        return HostileResult(plan, settings.get("seed", 1), errors)
    meter = HostileMeter(
        clock, line, items, known, plan, forms=forms, errors=errors, on_read=on_read, **settings
    )
    meter.start()
    with contextlib.suppress(KeyboardInterrupt):
        run_until(lambda: meter.finished)
    return meter.result


def _learn(run_until, clock, line, items, known: Learned, tries: int, **settings) -> None:
    def run(items: Sequence[ReadItem], plan: Plan) -> HostileResult:
        meter = HostileMeter(clock, line, items, known, plan, forms=["plain"], **settings)
        meter.start()
        run_until(lambda: meter.finished)
        return meter.result

    run(items[:1], Plan(1, tries=_PATIENCE))
    learned = run(items, Plan(_LEARNING_READS * len(items), tries=tries))
    for name, tally in learned.items.items():
        if tally.failed:
            why = ", ".join(f"{n} times {fault}" for fault, n in learned.faults.items())
            raise SibiaoError(
                f"{name} was not read twice alike on the line as it is ({why or 'it changes'}): "
                "check the wiring, the rate and the address; a total that runs needs --growing"
            )
    known.learning = False
