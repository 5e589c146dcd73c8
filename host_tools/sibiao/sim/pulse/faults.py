"""Named faults of pulse meters, each a story that a seed repeats.

story("swing_at_edge", Wiring("single"), pulses=40, rate_hz=4, seed=1) tells where the dial went
and what the wires showed; `sibiao.sim.pulse.player` puts it on a node's pins, and
`sibiao.sim.pulse.fault_table` says what a converter must make of it.
"""

from __future__ import annotations

from collections.abc import Callable

from sibiao.sim.pulse import wheel_faults as wheel
from sibiao.sim.pulse import wire_faults as wire
from sibiao.sim.pulse.story import Story, Teller
from sibiao.sim.pulse.train import TURN
from sibiao.sim.pulse.wiring import Wiring
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

_FAULTS = (
    wheel.clean,
    wire.bounce_closing,
    wire.bounce_opening,
    wire.slow_edges,
    wheel.narrow_active,
    wheel.narrow_idle,
    wheel.first_after_pause,
    wheel.closed_at_start,
    wheel.closed_stop,
    wire.read_at_closed_stop,
    wire.button_shift,
    wire.disturbances,
    wire.emi_burst,
    wire.skewed_spikes,
    wire.mains_pickup,
    wheel.pulses_in_transmission,
    wheel.vibration_at_edge,
    wheel.swing_at_edge,
    wheel.water_hammer,
    wheel.backflow,
    wire.stuck_closed,
    wire.magnet_at_rest,
    wire.magnet_in_flow,
    wire.cable_cut_at_rest,
    wire.cable_cut_in_flow,
    wire.cable_short_at_rest,
    wire.cable_short_in_flow,
    wire.cover_opened,
)
FAULTS: dict[str, Callable[[Teller], None]] = {fault.__name__: fault for fault in _FAULTS}


def story(
    fault: str, wiring: Wiring, *, pulses: int = 40, rate_hz: float = 4, seed: int = 1
) -> Story:
    """`pulses` is where the dial goes, `rate_hz` how fast while water runs."""
    if fault not in FAULTS:
        raise ValueError(f"fault {fault!r} is none of {', '.join(FAULTS)}")
    widths = [c.opens - c.closes for c in wiring.contacts.values()]
    shortest_ns = min(*widths, TURN - max(widths)) * NS_PER_S * 9 // round(rate_hz * 10 * TURN)
    needed_ns = 2 * wiring.shortest_ns
    if shortest_ns < needed_ns:
        raise ValueError(
            f"at {rate_hz} Hz a contact of wiring {wiring.kind!r} holds for "
            f"{shortest_ns // NS_PER_MS} ms, and its filter wants {needed_ns // NS_PER_MS} ms for "
            "these faults: choose a lower rate or a shorter filter"
        )
    start = wiring.middle_of_a - TURN if fault == "closed_at_start" else 0
    teller = Teller(wiring, pulses, rate_hz, seed, start)
    FAULTS[fault](teller)
    return teller.told(fault)
