"""The body of a CJ/T 188 meter's answer: a profile's fields, patched in place."""

from __future__ import annotations

from decimal import Decimal

from sibiao.config.schema.cjt188 import Cjt188Meter, Field188
from sibiao.errors import SibiaoError
from sibiao.sim.bcd import put_bcd
from sibiao.sim.bus import values

# Unit byte -> unit of bus_values, and how many of it.
_UNIT_BYTES = {
    0x01: ("J", 1),
    0x02: ("Wh", 1),
    0x05: ("kWh", 1),
    0x08: ("MWh", 1),
    0x0A: ("MWh", 100),
    0x0B: ("kJ", 1),
    0x0E: ("MJ", 1),
    0x11: ("GJ", 1),
    0x13: ("GJ", 100),
    0x14: ("W", 1),
    0x17: ("kW", 1),
    0x1A: ("MW", 1),
    0x29: ("L", 1),
    0x2C: ("m3", 1),
    0x32: ("L/h", 1),
    0x35: ("m3/h", 1),
}
_ABSENT = {"99": 0x99, "00": 0x00, "FF": 0xFF}
_TOTALS = ("volume", "energy")


class Body188:
    """`plain` are the published bytes without any 33H added, as they are now."""

    def __init__(self, profile: Cjt188Meter, plain: bytes, name: str):
        self.plain = bytearray(plain)
        self._profile = profile
        self._name = name
        self._fields = {f.quantity: f for f in profile.fields}
        if max(f.offset + f.width for f in profile.fields) > len(plain):
            raise SibiaoError(f"meter {name!r}: its fields are longer than its published telegram")

    def set(self, quantity: str, text: str) -> None:
        """Written as in a profile's golden values: "12.5 m3", "unknown", a time, a status."""
        where = f"meter {self._name!r}, {quantity}"
        field = self._fields.get(quantity)
        if not field:
            raise SibiaoError(f"{where}: it has not this; it has: {', '.join(self._fields)}")
        self.plain[field.offset : field.offset + field.width] = self._written(field, text, where)

    @property
    def status(self) -> bytes:
        """ST0 and ST1; zeros where the profile has none."""
        field = self._fields.get("meter_status")
        if not field:
            return b"\x00\x00"
        return bytes(self.plain[field.offset : field.offset + field.width]).ljust(2, b"\x00")

    def set_valve(self, state: int) -> None:
        field = self._fields.get("meter_status")
        if field:
            self.plain[field.offset] = self.plain[field.offset] & 0xFC | state

    def total(self) -> bytes:
        """A number and its unit, as the history has them: what the last settlement was."""
        names = (*(f"settlement_{name}" for name in _TOTALS), *_TOTALS)
        field = next((self._fields[n] for n in names if n in self._fields), None)
        if not field:
            return b""
        number = bytes(self.plain[field.offset : field.offset + field.width])
        unit = bytes([self.plain[self._unit_at(field)]]) if field.has_unit_byte else b""
        return unit + number if self._unit_first else number + unit

    def set_clock(self, plain: bytes) -> None:
        field = self._fields.get("meter_time")
        if field:
            high = wired(plain, self._profile.dialect.set_clock_order)
            raw = wired(high, self._profile.dialect.clock_order)
            self.plain[field.offset : field.offset + 7] = raw

    def set_total(self, plain: bytes) -> None:
        field = next((self._fields[n] for n in _TOTALS if n in self._fields), None)
        if not field:
            return
        number, unit = (plain[1:], plain[0]) if self._unit_first else (plain[:4], plain[4])
        self.plain[field.offset : field.offset + 4] = number
        if field.has_unit_byte:
            self.plain[self._unit_at(field)] = unit

    def _written(self, field: Field188, text: str, where: str) -> bytes:
        dialect = self._profile.dialect
        if field.is_status:
            status = values.hexadecimal(text, where)
            if len(status) != field.width:
                raise SibiaoError(f"{where}: {text!r} has not {field.width} bytes")
            return status
        if text == values.UNKNOWN:
            if field.has_unit_byte and self.plain[self._unit_at(field)] not in _UNIT_BYTES:
                return bytes(self.plain[field.offset : field.offset + field.width])
            patterns = [_ABSENT[p] for p in dialect.absent]
            if field.coding == "binary" and not patterns:
                raise SibiaoError(f"{where}: this meter cannot say that it has a value not")
            usual = 0x00 if field.is_clock else 0xFF  # a meter without a clock sends zeros
            return bytes([patterns[0] if patterns else usual]) * field.width
        if field.is_clock:
            stamp = int(values.moment(text, where).strftime("%Y%m%d%H%M%S"))
            return wired(put_bcd(stamp, 7)[::-1], dialect.clock_order)
        resolution = self._resolution(field, text, where)
        count = values.whole(values.amount(text, where)[0], resolution, text, where)
        try:
            if field.coding == "binary":
                raw = count.to_bytes(field.width, "big")
            else:
                raw = put_bcd(count, field.width)[::-1]
        except (ValueError, OverflowError) as error:
            raise SibiaoError(f"{where}: {text!r} does not fit into {field.format}") from error
        return wired(raw, dialect.number_order)

    def _resolution(self, field: Field188, text: str, where: str) -> Decimal:
        """What one step of the field is worth. The published unit byte stays where it suits."""
        step = Decimal(10) ** -len(field.format.partition(".")[2])
        value, kind = values.amount(text, where)
        if not field.has_unit_byte:
            own, size = values.size_of(field.unit)
            if own != kind:
                raise SibiaoError(f"{where}: {text!r} is not in {field.unit}")
            return step * size
        at = self._unit_at(field)
        if not value and not self.plain[at]:
            return step  # a new meter's zero has no unit yet
        name, many = _UNIT_BYTES.get(self.plain[at], ("", 1))
        own, size = values.size_of(name)
        if own != kind:
            wanted = text.strip().partition(" ")[2]
            codes = [c for c, unit in _UNIT_BYTES.items() if unit == (wanted, 1)]
            if not codes:
                raise SibiaoError(f"{where}: CJ/T 188 has no unit byte for {text!r}")
            self.plain[at] = codes[0]
            own, size = values.size_of(wanted)
            many = 1
        return step * size * many

    def _unit_at(self, field: Field188) -> int:
        return field.offset - 1 if self._unit_first else field.offset + field.width

    @property
    def _unit_first(self) -> bool:
        return self._profile.dialect.unit_position == "before"


def wired(high_first: bytes, order: str) -> bytes:
    return high_first if order == "high first" else high_first[::-1]
