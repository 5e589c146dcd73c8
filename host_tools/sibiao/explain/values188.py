"""The fields of a CJ/T 188 body as records and spans, decoded by the firmware's own code."""

from __future__ import annotations

from dataclasses import dataclass

from converter.link import cjt188 as link
from converter.meters import cjt188 as decoder
from converter.model import unit

from sibiao.config import terms
from sibiao.config.device.layouts import layout
from sibiao.config.schema.cjt188 import Cjt188Meter, Field188
from sibiao.explain.frames import Cutter, date_time, hexed, plain
from sibiao.explain.report import Record

UNIT_NAMES = {
    unit.NONE: "",
    unit.WH: "Wh",
    unit.J: "J",
    unit.W: "W",
    unit.M3: "m3",
    unit.M3_PER_H: "m3/h",
    unit.CELSIUS: "°C",
    unit.HOUR: "h",
}
_ENERGY = {unit.WH, unit.J}
_FITTING = {
    "energy": _ENERGY,
    "cooling_energy": _ENERGY,
    "settlement_energy": _ENERGY,
    "power": {unit.W},
    "flow": {unit.M3_PER_H},
    "volume": {unit.M3},
    "reverse_volume": {unit.M3},
    "settlement_volume": {unit.M3},
}
_SETTLED = "settlement_"


class Collected:
    """Stands where the device has its metering point."""

    def __init__(self):
        self.values: list[tuple[int | None, int, int]] = []

    def publish(self, quantity, value, exponent, base, time_s):
        self.values.append((value, exponent, base))


@dataclass
class Value:
    """A field with what the firmware made of it."""

    field: Field188
    value: int | None
    exponent: int
    base: int
    raw: bytes  # of the number
    unit_byte: int | None

    @property
    def fits(self) -> bool:
        """Whether the unit is one that such a quantity can have; no unit byte always does."""
        if self.unit_byte is None:
            return True
        return self.base in _FITTING.get(self.field.quantity, ())

    @property
    def is_blank(self) -> bool:
        """All bytes alike: the meter says that it has not this value."""
        return self.value is None and len(set(self.raw)) == 1 and self.raw[0] in (0, 0x99, 0xFF)

    @property
    def understood(self) -> bool:
        return self.is_blank or (self.fits and self.value is not None)

    def text(self) -> str | None:
        if self.value is None or not self.fits:
            return None
        if self.field.is_clock:
            return date_time(self.value)
        return plain(self.value, self.exponent)

    def unit(self) -> str:
        return UNIT_NAMES[self.base] if self.fits else ""


def read(meter: Cjt188Meter, frame: bytes) -> list[Value] | None:
    """The profile's fields out of a sound frame; None when its body is not the profile's."""
    collected = Collected()
    if not decoder.read_values(layout(meter, meter.title), frame, collected, 0):
        return None
    shift = 0x33 if meter.dialect.data_plus_33 else 0
    body = bytes((b - shift) & 0xFF for b in frame[link.DATA_BODY : -2])
    values = []
    for field, (value, exponent, base) in zip(meter.fields, collected.values, strict=True):
        end = field.offset + field.width
        beside = field.offset - 1 if meter.dialect.unit_position == "before" else end
        unit_byte = body[beside] if field.has_unit_byte else None
        values.append(Value(field, value, exponent, base, body[field.offset : end], unit_byte))
    return values


def is_plausible(values: list[Value]) -> bool:
    """Whether every unit byte suits its quantity (or is a new meter's 00 beside a zero)."""
    return all(v.fits or v.is_blank or (v.unit_byte == 0 and not any(v.raw)) for v in values)


def records(values: list[Value], body_at: int) -> list[Record]:
    return [
        Record(
            quantity=v.field.quantity.removeprefix(_SETTLED),
            value=v.text(),
            unit=v.unit(),
            function="instantaneous",
            storage=int(v.field.quantity.startswith(_SETTLED)),
            tariff=0,
            subunit=0,
            raw=hexed(v.raw),
            offset=body_at + v.field.offset,
        )
        for v in values
        if not v.field.is_status
    ]


def cut(cutter: Cutter, values: list[Value], body_at: int, end: int, status: str | None) -> None:
    """The body as spans; bytes that no field claims are marked."""
    for v in sorted(values, key=lambda v: v.field.offset):
        at = body_at + v.field.offset
        beside = v.unit_byte is not None
        before = beside and cutter.at == at - 1
        if before:
            _cut_unit(cutter, v)
        if cutter.at < at:
            cutter.take(at - cutter.at, "no field of the layout", understood=False)
        name = v.field.quantity.replace("_", " ")
        if v.field.is_status:
            cutter.take(v.field.width, name, status)
        else:
            cutter.take(v.field.width, name + _remark(v), v.text(), v.unit(), v.understood)
        if beside and not before:
            _cut_unit(cutter, v)
    if cutter.at < end:
        cutter.take(end - cutter.at, "no field of the layout", understood=False)


def _cut_unit(cutter: Cutter, v: Value) -> None:
    if v.fits:
        cutter.take(1, "its unit", _unit_text(v))
    elif v.unit_byte == 0:
        cutter.take(1, "its unit: none yet", understood=v.is_blank)
    else:
        known = decoder._find_unit(v.unit_byte) >= 0
        cutter.take(
            1, "unit that does not suit it" if known else "unknown unit", understood=v.is_blank
        )


def _unit_text(v: Value) -> str:
    """The unit byte's own unit, prefix and all."""
    decimals = terms.decimals(v.field.format)
    own = (v.base, v.exponent + decimals)
    for name, unit_of in terms.UNITS.items():
        if unit_of == own and v.unit_byte:
            return name
    return UNIT_NAMES[v.base] + (f" x 10^{own[1]}" if own[1] and v.unit_byte else "")


def _remark(v: Value) -> str:
    if v.value is not None:
        return ""
    if v.is_blank:
        return ": not available"
    return ": its unit is not known" if v.unit_byte is not None else ": no such value"
