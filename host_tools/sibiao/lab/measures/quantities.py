"""What a module tells of its meters, beside what the meters show."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sibiao.config import terms
from sibiao.config.check.goldens import UNKNOWN
from sibiao.config.schema.identifiers import Identifier
from sibiao.lab.measures.contact import dial_m3, pulse_points, set_off, turning
from sibiao.lab.stands.reading import Uplink, as_told
from sibiao.lab.stands.stand import Stand

_PULSES = 13
_SETTLE_S = 2
_ROUND_S, _METER_S = 1.0, 2.5  # a poll beyond the policy's interval, and for each of its meters


@dataclass(frozen=True)
class Told:
    """`way`: under whose address it was asked. `shown` None: the meter has it not."""

    point: str
    quantity: str
    way: str
    told: Decimal | None
    shown: Decimal | None

    @property
    def right(self) -> bool:
        return self.told == self.shown

    def __str__(self) -> str:
        return f"{self.point} {self.quantity} ({self.way}): told {self.told}, shown {self.shown}"


def told(stand: Stand, seed: int) -> list[Told]:
    """After some pulses and a poll: all that the meters show and an identifier tells."""
    uplink = Uplink(stand)
    shown = list(_of_pulses(stand, seed)) + list(_of_buses(stand))
    found = []
    for number, name, quantity, amount, unit in shown:
        held = {each[2] for each in shown if each[0] == number}
        for row in rows_of(stand, quantity, unit):
            if _is_hidden(stand, row, held):
                continue
            expected = as_told(row, amount, unit)
            found += [
                Told(name, quantity, way, uplink.number(*asked), expected)
                for way, asked in _ways(stand, row, number)
            ]
    return found


def poll_s(stand: Stand) -> float:
    """Within which every meter on a bus has been asked."""
    policy = stand.loaded.community.policy
    at_most_s = policy.poll_every_s + policy.poll_jitter_s
    return at_most_s + _ROUND_S + _METER_S * len(stand.bus_meters)


def _of_pulses(stand: Stand, seed: int) -> Iterator[tuple[int, str, str, Decimal, str]]:
    points = list(pulse_points(stand.loaded))
    uplink = Uplink(stand)
    before = {of.number: uplink.count("pulses", of.number) or 0 for of in points}
    longest_s = max((of.sure_pulse_s for of in points), default=0.0)
    span_s = (_PULSES + 2) * longest_s + _SETTLE_S
    rng = random.Random(seed)
    wheels = [turning(of, span_s, of.sure_pulse_s, rng, _PULSES) for of in points]
    set_off(stand, wheels)
    stand.run(span_s)
    for of in points:
        pulses = before[of.number] + _PULSES
        volume = of.meter.m3_per_pulse * pulses
        yield of.number, of.point.name, "volume", dial_m3(of, pulses), "m3"
        yield of.number, of.point.name, "pulses", Decimal(pulses), ""
        yield of.number, of.point.name, "forward", Decimal(volume), "m3"
        yield of.number, of.point.name, "reverse", Decimal(0), "m3"


def _of_buses(stand: Stand) -> Iterator[tuple[int, str, str, Decimal | None, str]]:
    if stand.bus_meters:
        stand.run(poll_s(stand))
    for number, point in enumerate(stand.loaded.community.points, 1):
        meter = stand.bus_meters.get(point.name)
        for quantity, text in meter.truth.items() if meter else ():
            amount, _, unit = text.partition(" ")
            if unit in terms.UNITS and unit:
                yield number, point.name, quantity, Decimal(amount), unit
            elif text == UNKNOWN:
                yield number, point.name, quantity, None, ""


def rows_of(stand: Stand, quantity: str, unit: str) -> Iterator[Identifier]:
    """Identifiers that tell a quantity in the kind of unit that it has."""
    base, _ = terms.UNITS[unit]
    for row in stand.loaded.uplink.identifiers:
        is_its = row.source == "value" and row.quantity == quantity
        if is_its and (unit == "" or base == terms.UNITS[row.unit][0]):
            yield row


def _is_hidden(stand: Stand, row: Identifier, held: set[str]) -> bool:
    """An identifier of several rows is answered by the first quantity that the point has."""
    same = (each.quantity for each in stand.loaded.uplink.identifiers if each.di == row.di)
    return next(q for q in same if q in held) != row.quantity


def _ways(stand: Stand, row: Identifier, number: int) -> Iterator[tuple[str, tuple]]:
    community = stand.loaded.community
    form = terms.decimals(row.format), row.signed
    address = community.points[number - 1].address
    if row.is_by_point:
        own = community.address, row.di.replace("**", f"{number:02X}")
        yield "converter's address", (*own, *form)
    if address:
        yield "its own address", (address, row.di.replace("**", "00"), *form)
