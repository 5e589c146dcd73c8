"""What 14H writes to a station: the value as typed and on the wire, and what proves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sibiao.config import terms
from sibiao.config.device.pulses import on_dial
from sibiao.config.load import Loaded
from sibiao.config.problems import meant
from sibiao.config.schema.identifiers import Write
from sibiao.errors import SibiaoError
from sibiao.reader.catalog import CONVERTER, Station
from sibiao.reader.client import wire

REASONS = {"commissioned": 1, "corrected": 2, "exchanged": 3}
_CLOCKS = {"date": "%Y-%m-%d", "time": "%H:%M:%S", "date_time": "%Y-%m-%dT%H:%M:%S"}
_CLOCK_SLACK_S = 10  # between our clock's reading and the converter's answer
_PULSES_MEANWHILE = 100


@dataclass(frozen=True)
class Planned:
    """`said`: the value for people. `read_di`: where it is read back. `holds(text)`: whether what
    was read back is what was written."""

    what: str
    address: str
    di: str
    value: bytes
    said: str
    level: int
    read_address: str
    read_di: str
    holds: Callable[[str], bool]


def plan(
    loaded: Loaded, station: Station, what: str, text: str, reason: str, now: datetime
) -> Planned:
    """SibiaoError says why it cannot be written."""
    row = _row(loaded, what)
    if what not in ("dial", "alarms", "address") and station.name != CONVERTER:
        raise SibiaoError(f"{what} is the converter's, not a point's: leave --point out")
    address, di = station.asked(row.di)
    value, said, read_di, holds = _VALUES[what](loaded, station, row, text, reason, now)
    read_address = text if what == "address" else station.asked(read_di)[0]
    read_di = station.asked(read_di)[1]
    return Planned(what, address, di, value, said, row.level, read_address, read_di, holds)


def _row(loaded: Loaded, what: str) -> Write:
    uplink = loaded.uplink
    rows = {row.what: row for row in uplink.writes} if "write" in uplink.services else {}
    if what not in rows:
        known = ", ".join(rows) or "nothing"
        hint = meant(what, rows)
        raise SibiaoError(
            f"uplink {loaded.community.uplink!r} of {loaded.name!r} lets nobody write {what!r}; "
            f"by 14H can be written: {known}{hint and '; '}{hint}"
        )
    return rows[what]


def _clock(loaded, station, row, text, reason, now):
    pattern = _CLOCKS[row.what]
    try:
        moment = now if text == "now" else datetime.strptime(text, pattern)
    except ValueError as error:
        shape = now.strftime(pattern)
        raise SibiaoError(f"{text!r} is no {row.what}: write now, or as in {shape}") from error
    day = f"{moment:%y%m%d}{moment.isoweekday() % 7:02}"
    digits = {"date": day, "time": f"{moment:%H%M%S}", "date_time": f"{day}{moment:%H%M%S}"}

    def holds(read: str) -> bool:
        if row.what == "date":
            return read == f"{moment:%Y-%m-%d}"
        told = datetime.strptime(read, pattern)
        sent = datetime.strptime(moment.strftime(pattern), pattern)
        return abs((told - sent).total_seconds()) <= _CLOCK_SLACK_S

    return wire(digits[row.what]), moment.strftime(pattern), row.di, holds


def _address(loaded, station, row, text, reason, now):
    if not re.fullmatch(r"\d{12}", text) or text in ("0" * 12, "9" * 12):
        raise SibiaoError(
            f"{text!r} is no station address: 12 digits, not all zero, not the one of all"
        )
    return wire(text), text, row.di, lambda read: read == text


def _settlement(loaded, station, row, text, reason, now):
    match = re.fullmatch(r"(\d\d)(\d\d)", text)
    if not match or not (1 <= int(match[1]) <= 28 and int(match[2]) <= 23):
        raise SibiaoError(f"{text!r} is no settlement day: DDhh, day 01 to 28, hour 00 to 23")
    told = f"day {match[1]}, {match[2]}:00"
    return wire(text), told, row.di, lambda read: read == told


def _dial(loaded, station, row, text, reason, now):
    meter = _counted(loaded, station, "a dial can be entered")
    try:
        number = Decimal(text).scaleb(terms.decimals(row.format))
    except InvalidOperation:
        number = Decimal("NaN")
    index = on_dial(text, meter)
    if index is None or number != number.to_integral_value():
        raise SibiaoError(
            f"{text!r} does not fit the dial of {station.name}: {meter.dial_digits} digits, "
            f"{max(0, -meter.weight.exponent)} of them decimals"
        )
    digits = f"{int(number):0{row.format.count('X')}d}"
    weight = Decimal(meter.weight.numerator).scaleb(meter.weight.exponent)
    most = Decimal(text) + _PULSES_MEANWHILE * weight / meter.weight.denominator

    def holds(read: str) -> bool:
        return Decimal(text) <= Decimal(read) <= most

    value = wire(digits) + bytes((REASONS[reason],))
    return value, f"{text} m3 ({reason})", _read_di(loaded, "volume", "m3"), holds


def _alarms(loaded, station, row, text, reason, now):
    if text != "clear":
        raise SibiaoError(f"{text!r}: alarms can only be cleared: write alarms clear")
    if station.name != CONVERTER:
        _counted(loaded, station, "alarms are cleared")
    return bytes(2), "none", _read_di(loaded, "alarms", ""), lambda read: read == "0"


def _counted(loaded: Loaded, station: Station, what: str):
    """The meter of a point whose pulses are counted."""
    if station.name == CONVERTER:
        raise SibiaoError(f"which point? {what} of one: --point")
    meter = loaded.meters[loaded.community.points[station.number - 1].meter]
    if meter.link != "pulse":
        raise SibiaoError(
            f"{station.name} is a meter on a bus, which tells by itself: {what} only of one "
            "whose pulses are counted"
        )
    return meter


def _read_di(loaded: Loaded, quantity: str, unit: str) -> str:
    for row in loaded.uplink.identifiers:
        if row.source == "value" and (row.quantity, row.unit) == (quantity, unit):
            return row.di
    raise SibiaoError(
        f"uplink {loaded.community.uplink!r} lets nobody read {quantity}: what is written could "
        "not be proved"
    )


_VALUES = {
    "date": _clock,
    "time": _clock,
    "date_time": _clock,
    "address": _address,
    "settlement": _settlement,
    "dial": _dial,
    "alarms": _alarms,
}
