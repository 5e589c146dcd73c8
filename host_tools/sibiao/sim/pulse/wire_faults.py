"""Faults of contacts, wires and whoever comes near them."""

from __future__ import annotations

from sibiao.sim.pulse.story import Teller, spread
from sibiao.sim.pulse.train import TURN
from sibiao.sim.pulse.wiring import CUT, SHORT
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

_US = 1000
_MAINS_NS = 20 * NS_PER_MS
_MAINS_MV = 150
_SLOW_NS = 40 * NS_PER_MS
_GUARD_NS = 8 * NS_PER_S  # an opened cover, a cut cable: nobody is quicker


def bounce_closing(t: Teller) -> None:
    """the contact bounces for up to 1 ms when it closes"""
    t.bounce[1] = (200 * _US, NS_PER_MS)


def bounce_opening(t: Teller) -> None:
    """the contact bounces for up to 1 ms when it opens"""
    t.bounce[0] = (200 * _US, NS_PER_MS)


def slow_edges(t: Teller) -> None:
    """a slow magnet, a worn reed: an edge of 40 ms, chattering just below the filter's width"""
    t.ramp_ns = _SLOW_NS
    if not t.wiring.is_analogue:
        t.counts["slow edge"] = 2 * t.pulses
        chatter = (t.wiring.filter_ns * 9 // 10, _SLOW_NS)
        t.bounce = {0: chatter, 1: chatter}


def read_at_closed_stop(t: Teller) -> None:
    """the same, and a person presses the meter's button and reads again and again"""
    for _ in t.stops():
        t.to_place(t.wiring.middle_of_a)
        begin_ns = t.now_ns
        t.rest(20 * NS_PER_S)
        _press(t, begin_ns, 5)
        t.busy.append((begin_ns, t.now_ns))


def button_shift(t: Teller) -> None:
    """a button beside the input, pressed at any place of the wheel, shifts the wire's level"""
    for _ in t.stops():
        t.to_place(t.rng.randrange(TURN))
        begin_ns = t.now_ns
        t.rest(5 * NS_PER_S)
        _press(t, begin_ns, 5)


def disturbances(t: Teller) -> None:
    """false pulses on the wire, each a little shorter than the filter's width for a pulse"""
    longest_ns = t.wiring.longest_false_ns
    for _ in t.stops():
        begin_ns = t.now_ns
        t.turns(2)
        t.rest(20 * longest_ns)
        count = (t.now_ns - begin_ns) // (4 * longest_ns + 2 * t.wiring.shortest_ns)
        for span in spread(t.rng, begin_ns, t.now_ns, count, (longest_ns // 2, longest_ns)):
            t.counts["disturbance"] += 1
            t.forced[t.rng.choice(list(t.wiring.contacts))].append(span)


def emi_burst(t: Teller) -> None:
    """bursts of 75 spikes at 5 kHz, every 300 ms, on all wires of the cable at once"""
    for _ in t.stops():
        begin_ns = t.now_ns
        t.turns(2)
        t.rest(NS_PER_S)
        for burst_ns in range(begin_ns, t.now_ns - 20 * NS_PER_MS, 300 * NS_PER_MS):
            t.counts["burst"] += 1
            spikes = spread(t.rng, burst_ns, burst_ns + 15 * NS_PER_MS, 75, (5 * _US, 100 * _US))
            for wire in t.wiring.contacts:
                t.flips[wire] += spikes


def skewed_spikes(t: Teller) -> None:
    """spikes of a millisecond that reach one wire a little before the other"""
    for _ in t.stops():
        begin_ns = t.now_ns
        t.rest(2 * NS_PER_S)
        for begin, end in spread(t.rng, begin_ns, t.now_ns, 10, (NS_PER_MS, 2 * NS_PER_MS)):
            t.counts["spike"] += 1
            wires = list(t.wiring.contacts)
            t.rng.shuffle(wires)
            for n, wire in enumerate(wires):
                t.flips[wire].append((begin + n * 300 * _US, end + n * 300 * _US))


def mains_pickup(t: Teller) -> None:
    """a long cable picks up 50 Hz: up to 8 ms of every 20 look like a pulse's level"""
    widest_ns = min(8 * NS_PER_MS, 800 * t.wiring.min_active_us)
    if widest_ns + 1000 * t.wiring.min_idle_us > _MAINS_NS:
        raise ValueError("mains pick-up leaves no 20 ms idle: the filter for idle is too wide")
    for _ in t.stops():
        begin_ns = t.now_ns
        t.turns(2)
        t.rest(NS_PER_S)
        for at in range(begin_ns, t.now_ns - _MAINS_NS, _MAINS_NS):
            t.counts["mains cycle"] += 1
            width_ns = t.rng.randint(widest_ns // 2, widest_ns)
            if t.wiring.is_analogue:  # a current loop is of low resistance
                t.shifts.append((at, at + width_ns, _MAINS_MV))
                continue
            # Thresholds differ a little: one wire's time lies within the other's.
            for n, wire in enumerate(t.wiring.contacts):
                t.forced[wire].append((at + n * 100 * _US, at + width_ns - n * 100 * _US))


def stuck_closed(t: Teller) -> None:
    """a contact stays closed for some turns: welded, or a magnet that hangs"""
    for spare in t.stops():
        t.to_place(t.wiring.middle_of_a)
        begin_ns = t.now_ns
        _unseen(t, t.rng.randint(1, spare - 1))
        t.held["a"].append((begin_ns, t.now_ns))


def magnet_at_rest(t: Teller) -> None:
    """somebody holds a magnet to the meter while no water runs"""
    for _ in t.stops():
        _magnet(t, 0)


def magnet_in_flow(t: Teller) -> None:
    """somebody holds a magnet to the meter while water runs"""
    for spare in t.stops():
        _magnet(t, t.rng.randint(1, spare - 1))


def cable_cut_at_rest(t: Teller) -> None:
    """the cable is cut and joined again while no water runs"""
    for _ in t.stops():
        _cable(t, CUT, 0)


def cable_cut_in_flow(t: Teller) -> None:
    """the cable is cut and joined again while water runs"""
    for spare in t.stops():
        _cable(t, CUT, t.rng.randint(1, spare - 1))


def cable_short_at_rest(t: Teller) -> None:
    """the cable's wires touch for a while, and no water runs"""
    for _ in t.stops():
        _cable(t, SHORT, 0)


def cable_short_in_flow(t: Teller) -> None:
    """the cable's wires touch for a while, and water runs"""
    for spare in t.stops():
        _cable(t, SHORT, t.rng.randint(1, spare - 1))


def cover_opened(t: Teller) -> None:
    """somebody opens the cover"""
    for _ in t.stops():
        begin_ns = t.now_ns
        t.rest(_GUARD_NS)
        t.cover.append((begin_ns, t.now_ns))


def _press(t: Teller, begin_ns: int, count: int) -> None:
    # A wire of two levels takes over the button's edges only. A current loop takes over the
    # level, up to the middle between open and closed, or downwards nearly to a cut.
    held = spread(t.rng, begin_ns, t.now_ns, count, (150 * NS_PER_MS, 600 * NS_PER_MS))
    for begin, end in held:
        if t.wiring.is_analogue:
            t.shifts.append((begin, end, t.rng.choice((-200, -100, 100, 200, 400))))
            continue
        wire = t.rng.choice(list(t.wiring.contacts))
        for at in (begin, end):
            t.flips[wire].append((at, at + t.rng.randint(200 * _US, 4 * NS_PER_MS)))


def _magnet(t: Teller, turns: int) -> None:
    t.counts["magnet"] += 1
    t.rest(NS_PER_S // 2)
    # It reaches one contact before the other, and leaves them so.
    close_ns = {w: t.now_ns + t.rng.randint(20, 80) * NS_PER_MS for w in t.wiring.contacts}
    t.rest(NS_PER_S)
    _unseen(t, turns)
    t.rest(NS_PER_S)
    for wire, begin_ns in close_ns.items():
        t.held[wire].append((begin_ns, t.now_ns + t.rng.randint(20, 80) * NS_PER_MS))
    t.rest(NS_PER_S // 2)


def _unseen(t: Teller, turns: int) -> None:
    t.counts["pulse unseen"] += turns
    t.turns(turns)


def _cable(t: Teller, state: int, turns: int) -> None:
    t.counts["cut" if state == CUT else "short"] += 1
    t.to_place(t.rng.randrange(TURN))
    t.rest(NS_PER_S)
    begin_ns = t.now_ns
    t.rest(_GUARD_NS)
    _unseen(t, turns)
    t.rest(NS_PER_S)
    t.cable.append((begin_ns, t.now_ns, state))
    t.rest(NS_PER_S)
