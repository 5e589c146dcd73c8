"""The records of a published M-Bus telegram, found by our own walk, and values put into them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from decimal import Decimal

from sibiao.errors import SibiaoError
from sibiao.sim.bcd import put_bcd
from sibiao.sim.bus import values

_LENGTHS = {0x8: 0, 0x9: 1, 0xA: 2, 0xB: 3, 0xC: 4, 0xE: 6} | dict(
    zip(range(8), (0, 1, 2, 3, 4, 4, 6, 8), strict=True)
)
_HEADERS = {0x72: 12, 0x76: 12, 0x73: 16, 0x77: 16, 0x78: 0, 0x7A: 4}
MORE_FOLLOWS = 0x1F

# First VIF, how many -> name, unit, exponent of the first.
_VIFS = {
    0x00: (8, "energy", "Wh", -3),
    0x08: (8, "energy", "J", 0),
    0x10: (8, "volume", "m3", -6),
    0x28: (8, "power", "W", -3),
    0x38: (8, "flow", "m3/h", -6),
    0x58: (4, "supply_temperature", "°C", -3),
    0x5C: (4, "return_temperature", "°C", -3),
    0x60: (4, "temperature_difference", "K", -3),
    0x68: (4, "pressure", "bar", -3),
}
_TIMES = {0x20: "operating_hours", 0x24: "operating_hours"}
_STEPS = ("s", "min", "h", "d")


@dataclass(frozen=True)
class Record:
    """Where a record stands in its frame. `key` is its DIF, DIFE, VIF and VIFE in hexadecimal."""

    key: str
    dif: int
    vif: int
    plain: bool  # the value now or at the last settlement: no tariff, subunit, maximum, VIFE
    at: int  # of its data
    length: int
    msb_first: bool

    @property
    def meaning(self) -> tuple[str, str, Decimal] | None:
        """Name, unit and what one step is worth."""
        if not self.plain:
            return None
        settled = "settlement_" if self.dif & 0x40 else ""
        for first, name in _TIMES.items():
            if first <= self.vif < first + 4:
                return settled + name, *values.size_of(_STEPS[self.vif - first])
        for first, (count, name, unit, exponent) in _VIFS.items():
            if first <= self.vif < first + count:
                return settled + name, unit, Decimal(10) ** (exponent + self.vif - first)
        if (self.vif, self.length) == (0x6D, 4):
            return settled + "meter_time", "", Decimal(1)
        return None


def header_length(frame: bytes) -> int:
    return _HEADERS.get(frame[6], len(frame) - 9)


def records(frame: bytes) -> tuple[list[Record], int | None]:
    """The records of a long frame up to the manufacturer's data; where its 1F stands, if any."""
    ci = frame[6]
    found: list[Record] = []
    if ci in (0x73, 0x77) or ci not in _HEADERS:
        return found, None
    at, end = 7 + _HEADERS[ci], len(frame) - 2
    return walked(frame, at, end, ci == 0x76)


def walked(frame: bytes, at: int, end: int, msb_first: bool) -> tuple[list[Record], int | None]:
    found: list[Record] = []
    while at < end:
        start, dif = at, frame[at]
        if dif & 0x0F == 0x0F:
            if dif == 0x2F:
                at += 1
                continue
            return found, at if dif == MORE_FOLLOWS else None
        while frame[at] & 0x80:
            at += 1
        vib = at = at + 1
        vif = frame[at]
        more = vif & 0x80
        at += 1
        if vif & 0x7F == 0x7C:  # its unit as text, before any VIFE
            at += 1 + frame[at]
        while more:
            more = frame[at] & 0x80
            at += 1
        key = frame[start:at].hex().upper()
        length = _length(frame, dif, at)
        if dif & 0x0F == 0x0D:
            at += 1
        plain = vib - start == 1 and not vif & 0x80 and not dif & 0x30
        found.append(Record(key, dif, vif, plain, at, length, msb_first))
        at += length
    return found, None


def _length(frame: bytes, dif: int, at: int) -> int:
    if dif & 0x0F != 0x0D:
        return _LENGTHS[dif & 0x0F]
    lvar = frame[at]
    if lvar < 0xF0:  # text, BCD or binary: so many bytes
        return lvar if lvar < 0xC0 else lvar & 0x0F
    return 4 * (lvar - 0xEC) if lvar < 0xF5 else {0xF5: 48, 0xF6: 64}.get(lvar, 0)


def find(frame: bytes, name: str) -> Record | None:
    """A record by its name (the first that is the value now), or by its key such as 0C13."""
    for record in records(frame)[0]:
        meaning = record.meaning
        if record.key == name.upper() or (meaning and meaning[0] == name):
            return record
    return None


def names(frame: bytes) -> list[str]:
    return [r.meaning[0] if r.meaning else r.key for r in records(frame)[0]]


def encoded(record: Record, name: str, text: str, where: str) -> bytes:
    """The value as the record's data. Of a record named by its key: the number as it stands
    there, or the bytes in hexadecimal behind 0x."""
    if text.startswith("0x"):
        raw = values.hexadecimal(text[2:], where)
        if len(raw) != record.length:
            raise SibiaoError(f"{where}: {text!r} has not {record.length} bytes")
        return raw
    counted = ("", "", Decimal(1))
    name, unit, step = counted if name.upper() == record.key else record.meaning
    if name.endswith("meter_time"):
        return _type_f(text, where)
    number, kind = values.amount(text, where)
    if kind != (values.size_of(unit)[0] if unit else ""):
        raise SibiaoError(f"{where}: {text!r} is not in {unit or 'whole numbers'}")
    code = record.dif & 0x0F
    if code == 5:
        raw = struct.pack("<f", float(number / step))
    else:
        raw = _number(code, values.whole(number, step, text, where), record, text, where)
    return raw[::-1] if record.msb_first else raw


def _number(code: int, count: int, record: Record, text: str, where: str) -> bytes:
    try:
        if code <= 7:
            return count.to_bytes(record.length, "little", signed=True)
        if code in (0x9, 0xA, 0xB, 0xC, 0xE):
            if count >= 0:
                return put_bcd(count, record.length)
            raw = bytearray(put_bcd(-count, record.length))
            if raw[-1] >> 4:
                raise ValueError
            raw[-1] |= 0xF0  # minus stands in the highest digit
            return bytes(raw)
    except (ValueError, OverflowError) as error:
        raise SibiaoError(
            f"{where}: {text!r} does not fit into {record.length} bytes of DIF {record.dif:02X}"
        ) from error
    raise SibiaoError(f"{where}: DIF {record.dif:02X} holds no number; give its bytes as 0x…")


def _type_f(text: str, where: str) -> bytes:
    when = values.moment(text, where)
    year = when.year - 2000
    if not 0 <= year <= 99:
        raise SibiaoError(f"{where}: {text!r} is not between 2000 and 2099")
    return bytes(
        (when.minute, when.hour | 0x20, when.day | (year & 7) << 5, when.month | (year >> 3) << 4)
    )
