"""A hostile electricity meter at a module, as far as values go: when an answer comes is judged by
the channel's step."""

from __future__ import annotations

from sibiao.lab.stands.stand import Stand
from sibiao.sim.hostile.items import of_community
from sibiao.sim.hostile.result import HostileResult, Plan
from sibiao.sim.hostile.run import measured

BIT_ERRORS = 1e-4
_SHORT = 20  # data bytes: a longer answer meets more bit errors than the plan is made for
_WHENEVER_NS = 0, 700_000_000


def read(
    stand: Stand, plan: Plan, seed: int, forms: tuple[str, ...], errors: float
) -> HostileResult:
    """Registers that stand still, in these forms of a request, until the plan is done."""
    items = [item for item in of_community(stand.loaded) if 4 + item.size <= _SHORT]
    clock, line, run_until = stand.uplink()
    settings = stand.loaded.uplink.line
    return measured(
        run_until,
        clock,
        line,
        items,
        plan,
        forms=forms,
        errors=errors,
        seed=seed,
        baud=settings.baud,
        parity=settings.parity,
        td_limits_ns=_WHENEVER_NS,
    )
