"""Pulses given and pulses counted: a long train of a good meter, and stories of a bad one."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from converter.model import alarms as alarm_bits

from sibiao.lab.measures.contact import PulsePoint, dial_m3, pulse_points, set_off, turning
from sibiao.lab.record import CannotDo
from sibiao.lab.stands.reading import Uplink
from sibiao.lab.stands.stand import Stand
from sibiao.sim.pulse.fault_table import complaints
from sibiao.sim.pulse.faults import story

_READ_EVERY_S = 3.0
_SETTLE_S = 2.0
_EVENTS = ("BACKFLOW", "TAMPER", "CABLE_CUT", "CABLE_SHORT", "MAGNET")
_RATES_HZ = (4.0, 2.0, 1.0, 0.5)  # of a story: the quickest that the filter leaves room for
_BUSY_READ_S = 0.05


@dataclass(frozen=True)
class Counted:
    """Of one point: pulses given and counted, and what was told on the way (seconds since the
    beginning, pulses)."""

    point: str
    given: int
    counted: int
    dial_true: bool
    times_s: list[float]
    told: list[tuple[float, int]] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return max(0, self.given - self.counted)

    @property
    def extra(self) -> int:
        return max(0, self.counted - self.given)


def count(stand: Stand, number: int, pulses: int, seed: int) -> Counted:
    """A point's pulses one after the other, as quick as meter and source can have them without one
    missing, contacts bouncing, while its register is read."""
    (of,) = [each for each in pulse_points(stand.loaded) if each.number == number]
    uplink = Uplink(stand)
    before = uplink.count("pulses", number) or 0
    span_s = pulses * of.sure_pulse_s + 1
    wheel = turning(of, span_s, of.sure_pulse_s, random.Random(seed), pulses)
    began_s = stand.now_s()
    set_off(stand, [wheel])
    told = []
    while (left_s := began_s + span_s - stand.now_s()) > 0:
        stand.run(min(_READ_EVERY_S, left_s))
        told.append((stand.now_s() - began_s, (uplink.count("pulses", number) or 0) - before))
    stand.run(_SETTLE_S)
    counted = uplink.count("pulses", number) or 0
    told.append((stand.now_s() - began_s, counted - before))
    return Counted(
        of.point.name,
        len(wheel.closed_s),
        counted - before,
        uplink.value("volume", number) == dial_m3(of, counted),
        wheel.closed_s,
        told,
    )


@dataclass(frozen=True)
class Lived:
    """`wrong`: what the table of faults does not allow; `edges`: of all wires."""

    fault: str
    point: str
    dial: int
    counted: int
    edges: int
    wrong: list[str]


def live_through(stand: Stand, number: int, fault: str, pulses: int, seed: int) -> Lived:
    """A story of one of `sim/pulse/faults.py` on a point's wires."""
    (of,) = [each for each in pulse_points(stand.loaded) if each.number == number]
    told = _told(of, fault, pulses, seed)
    if told.wires["a"][0][1] == of.wiring.active and fault == "closed_at_start":
        _start_closed(stand, of, told)
    uplink = Uplink(stand)
    before = uplink.count("pulses", number) or 0
    began_s = stand.now_s()
    stand.pulses({of.wires[wire]: train for wire, train in told.wires.items() if wire in of.wires})
    busy = [(begin / 1e9, until / 1e9) for begin, until in told.busy]
    end_s = told.end_ns / 1e9
    while (since_s := stand.now_s() - began_s) < end_s:
        if any(begin <= since_s < until for begin, until in busy):
            uplink.count("pulses", number)
        else:
            stand.run(_BUSY_READ_S if busy else end_s - since_s)
    stand.run(_SETTLE_S)
    counted = (uplink.count("pulses", number) or 0) - before
    latched = uplink.count("alarms", number) or 0
    events = [name for name in _EVENTS if latched >> getattr(alarm_bits, name) & 1]
    wrong = complaints(told, counted, events)
    return Lived(fault, of.point.name, told.dial, counted, len(list(told.edges())), wrong)


def _told(of: PulsePoint, fault: str, pulses: int, seed: int):
    for rate_hz in _RATES_HZ:
        try:
            return story(fault, of.wiring, pulses=pulses, rate_hz=rate_hz, seed=seed)
        except ValueError as error:
            why = str(error)
    raise CannotDo(f"point {of.point.name!r}: {why}")


def _start_closed(stand: Stand, of: PulsePoint, told) -> None:
    stand.pulses({of.wires["a"]: told.wires["a"][:1]})
    stand.power_cut()
    Uplink(stand).awake(60)
