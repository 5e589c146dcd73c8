"""The contacts of a pulse meter as levels of inputs, and what its dial shows by then."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sibiao.config.device.life import PICO_FLASH
from sibiao.config.device.pulses import COUNT_ON, wires_of
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.config.schema.pulse import PulseMeter
from sibiao.lab.stands.stand import Stand
from sibiao.sim.pulse.train import TURN, Train, bounces, combine, during
from sibiao.sim.pulse.wiring import CLOSED_MV, NAMUR, OPEN_MV, Wiring
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

_BOUNCE_NS = NS_PER_MS
_FALSE_NS = NS_PER_MS // 2
_ELECTRONIC_MS = 1  # an output that may be filtered for less has no contact that bounces
_AFTER_ERASE_MS = 10
_REST_NS = NS_PER_S // 5


@dataclass(frozen=True)
class PulsePoint:
    number: int
    point: Point
    meter: PulseMeter
    wiring: Wiring
    wires: dict[str, str]  # of the wiring -> the board's input

    still_ms: float  # so long its source may count nothing: while the flash is erased

    @property
    def pulse_s(self) -> float:
        """A turn of the wheel in which no contact is closed or open for less than the meter's
        shortest pulse and pause."""
        return self._turn_s(self.meter.shortest_active_ms, self.meter.shortest_idle_ms)

    @property
    def sure_pulse_s(self) -> float:
        """A turn in which every level outlasts what its source may miss: all must be counted."""
        meter = self.meter
        return self._turn_s(
            max(meter.shortest_active_ms, self.still_ms + meter.min_active_ms),
            max(meter.shortest_idle_ms, self.still_ms + meter.min_idle_ms),
        )

    def _turn_s(self, active_ms: float, idle_ms: float) -> float:
        parts = [c.opens - c.closes for c in self.wiring.contacts.values()]
        return max(active_ms * TURN / min(parts), idle_ms * TURN / (TURN - max(parts))) / 1000


def pulse_points(loaded: Loaded) -> Iterator[PulsePoint]:
    for number, point in enumerate(loaded.community.points, 1):
        meter = loaded.meters[point.meter]
        if meter.link == "pulse":
            inputs = wires_of(point)
            pins = [loaded.board.pulse_inputs[name] for name in inputs]
            guards = {"loop": point.cable, "cover": point.tamper}
            wiring = Wiring(
                NAMUR if pins[0].source == "namur" else meter.contacts,
                active=int(pins[0].active == "high" and pins[0].source != "namur"),
                guarded=all(guards.values()),
                sampled=pins[0].source == "poll",
                min_active_us=round(meter.min_active_ms * 1000),
                min_idle_us=round(meter.min_idle_ms * 1000),
            )
            wires = dict(zip("ab", inputs, strict=False))
            if wiring.guarded:
                wires |= guards
            still_ms = 0 if pins[0].source in COUNT_ON else _still_ms(loaded)
            yield PulsePoint(number, point, meter, wiring, wires, still_ms)


def _still_ms(loaded: Loaded) -> float:
    """What a typical erase takes, and the tasks after it."""
    return (loaded.board.flash or PICO_FLASH).erase_ms[0] + _AFTER_ERASE_MS


@dataclass(frozen=True)
class Turning:
    """A wheel that turns evenly from rest to rest. `closed_s`: when each pulse began."""

    trains: dict[str, Train]  # by the board's input
    closed_s: list[float]
    span_s: float

    def dial(self, since_s: float) -> int:
        """Pulses by then."""
        return bisect_right(self.closed_s, since_s)


def turning(
    of: PulsePoint, span_s: float, pulse_s: float, rng: random.Random, pulses: int | None = None
) -> Turning:
    """As many whole pulses as fit into the span, or so many; contacts bounce at either edge."""
    end_ns = round(span_s * NS_PER_S)
    pulse_ns = round(pulse_s * NS_PER_S)
    most = (end_ns - 2 * _REST_NS) // pulse_ns
    count = max(0, most if pulses is None else min(pulses, most))
    turned = count * TURN
    knots = [(0, 0), (_REST_NS, 0), (_REST_NS + count * pulse_ns, turned), (end_ns, turned)]
    trains, closed = {}, {}
    for name, contact in of.wiring.contacts.items():
        closed[name] = wire = contact.train(knots)
        if of.meter.min_active_ms >= _ELECTRONIC_MS:
            for value in (0, 1):
                spans = bounces(wire, value, end_ns, rng, (_FALSE_NS, _BOUNCE_NS), share=0.2)
                wire = combine(int.__xor__, wire, during(spans))
        trains[of.wires[name]] = tuple((at, _signal(of.wiring, level)) for at, level in wire)
    begun = [at / NS_PER_S for at, level in closed["a"] if level]
    return Turning(trains, begun, span_s)


def set_off(stand: Stand, wheels: Iterable[Turning]) -> None:
    """All together: a stand plays one set of trains at a time."""
    trains = {name: train for wheel in wheels for name, train in wheel.trains.items()}
    if trains:
        stand.pulses(trains)


def _signal(wiring: Wiring, closed: int) -> int:
    if wiring.is_analogue:
        return CLOSED_MV if closed else OPEN_MV
    return closed if wiring.active else 1 - closed


def dial_m3(of: PulsePoint, pulses: int) -> Decimal:
    """What its dial shows after so many: it stood at the base reading, and rolls over."""
    weight, digits = of.meter.weight, of.meter.dial_digits
    base = int(Decimal(of.point.base_reading).scaleb(-weight.exponent))
    units = (base + pulses * weight.numerator // weight.denominator) % 10**digits
    return Decimal(units).scaleb(weight.exponent)
