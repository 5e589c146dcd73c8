"""Meters on a bus that fail in every way: what a module tells of them meanwhile and after."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sibiao.lab.measures.quantities import poll_s, rows_of
from sibiao.lab.stands.reading import Uplink, as_told
from sibiao.lab.stands.stand import Stand

_READS = 4


@dataclass(frozen=True)
class BusRead:
    """Reads of one meter's index while it fails. `wrong`: told as another than it ever showed;
    `recovered`: the newest is told once it is well again."""

    point: str
    fault: str
    asked: int
    told: int
    wrong: list[str]
    recovered: bool


def failing(stand: Stand, name: str, fault: str, rounds: int) -> BusRead:
    """The meter's index rises from round to round, each as long as a poll may take."""
    uplink = Uplink(stand)
    number = [p.name for p in stand.loaded.community.points].index(name) + 1
    meter = stand.bus_meters[name]
    row = _row(uplink, meter)
    stand.run(poll_s(stand))
    meter.fail(fault)
    shown = {as_told(row, *_split(meter.truth[meter.index]))}
    asked, told, wrong = 0, 0, []
    for turn in range(rounds):
        amount, unit = _split(meter.truth[meter.index])
        meter.set(meter.index, f"{amount + 1} {unit}")
        shown.add(as_told(row, amount + 1, unit))
        for _ in range(_READS):
            stand.run(poll_s(stand) / _READS)
            value = uplink.row_value(row, number)
            asked += 1
            told += value is not None
            if value is not None and value not in shown:
                wrong.append(f"{name}, {fault}, round {turn}: told {value}, shown {max(shown)}")
    meter.fail(None)
    newest = as_told(row, *_split(meter.truth[meter.index]))
    policy = stand.loaded.community.policy
    stand.run(poll_s(stand) + policy.poll_silent_every_s)
    return BusRead(name, fault, asked, told, wrong, uplink.row_value(row, number) == newest)


def _row(uplink: Uplink, meter):
    """An identifier that has room for its index."""
    amount, unit = _split(meter.truth[meter.index])
    for row in rows_of(uplink.stand, meter.index, unit):
        if row.is_by_point and as_told(row, amount, unit) is not None:
            return row
    return uplink.row(meter.index)


def _split(text: str) -> tuple[Decimal, str]:
    amount, _, unit = text.partition(" ")
    return Decimal(amount), unit
