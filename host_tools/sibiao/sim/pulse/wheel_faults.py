"""Faults that the wheel makes: how the water runs, stops, swings and comes back."""

from __future__ import annotations

from sibiao.sim.pulse.story import Teller
from sibiao.sim.pulse.train import TURN
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

_US = 1000
_SWING = 80  # parts of a turn to either side of an edge
_BLOW = 600  # parts of a turn that a water hammer throws the wheel back


def clean(t: Teller) -> None:
    """nothing: the contacts of a good meter"""


def narrow_active(t: Teller) -> None:
    """contacts are closed just longer than the filter asks"""
    t.active_ns = t.wiring.shortest_ns


def narrow_idle(t: Teller) -> None:
    """contacts are open just longer than the filter asks"""
    t.idle_ns = t.wiring.shortest_ns


def first_after_pause(t: Teller) -> None:
    """water stands for so long that a counter of microseconds wraps, then runs"""
    pauses_s = [300, 540, 1100]
    t.rng.shuffle(pauses_s)
    for _, pause_s in zip(t.stops(), pauses_s, strict=False):
        t.rest(pause_s * NS_PER_S)


def closed_at_start(t: Teller) -> None:
    """the converter starts while a contact is closed"""


def closed_stop(t: Teller) -> None:
    """the wheel stops with a contact closed, and stays so for a minute"""
    for _ in t.stops():
        t.to_place(t.wiring.middle_of_a)
        t.rest(60 * NS_PER_S)


def pulses_in_transmission(t: Teller) -> None:
    """the converter is read without a pause while pulses come"""
    t.bounce = {0: (200 * _US, NS_PER_MS), 1: (200 * _US, NS_PER_MS)}
    for spare in t.stops():
        begin_ns = t.now_ns
        t.turns(spare)
        t.busy.append((begin_ns, t.now_ns))


def vibration_at_edge(t: Teller) -> None:
    """the wheel stops at a contact's edge and trembles there, quicker than the filter"""
    for _ in t.stops():
        swings = t.rng.randint(20, 60)
        t.counts["tremble"] += swings
        _swing(t, swings, (t.wiring.filter_ns // 5, t.wiring.filter_ns * 2 // 5))


def swing_at_edge(t: Teller) -> None:
    """the wheel stops at a contact's edge and swings there, slower than the filter"""
    for _ in t.stops():
        swings = t.rng.randint(2, 6)
        t.counts["swing"] += swings
        _swing(t, swings, (3 * t.wiring.shortest_ns, 20 * t.wiring.shortest_ns))


def water_hammer(t: Teller) -> None:
    """a valve shuts: the water throws the wheel back by 0.6 of a pulse and forth again"""
    for _ in t.stops():
        t.to_place(t.rng.randrange(TURN))
        blows = t.rng.randint(1, 3)
        t.counts["blow"] += blows
        for _ in range(blows):
            t.move(-_BLOW, t.rng.randint(4 * t.wiring.shortest_ns, 8 * t.wiring.shortest_ns))
            t.move(_BLOW, t.rng.randint(4 * t.wiring.shortest_ns, 8 * t.wiring.shortest_ns))
            t.rest(NS_PER_S // 2)


def backflow(t: Teller) -> None:
    """water runs back by whole pulses: a meter without check valve, an emptied riser"""
    for _ in t.stops():
        turns = t.rng.randint(2, 6)
        t.counts["pulse back"] += turns
        for _ in range(turns):
            t.move(-TURN, max(NS_PER_S // 3, 12 * t.wiring.shortest_ns))
        t.rest(NS_PER_S)


def _swing(t: Teller, swings: int, span_ns: tuple[int, int]) -> None:
    t.to_place(t.rng.choice(t.edges))
    t.move(_SWING, span_ns[1])
    for _ in range(swings):
        t.move(-2 * _SWING, t.rng.randint(*span_ns))
        t.move(2 * _SWING, t.rng.randint(*span_ns))
