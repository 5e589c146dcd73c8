"""A CJ/T 188 profile as the constants that the firmware reads: what is asked, and rows of bytes
for `meters/cjt188.py`."""

from __future__ import annotations

from converter.link import cjt188 as link
from converter.meters import cjt188 as rows
from converter.meters import cjt188_services as services

from sibiao.config import terms
from sibiao.config.schema.cjt188 import Cjt188Meter, Dialect, Field188

_ABSENT = {"99": rows.ABSENT_99, "00": rows.ABSENT_00, "FF": rows.ABSENT_FF}
_SHIFT = 0x33


def layout(meter: Cjt188Meter, name: str) -> bytes:
    """The whole layout: the dialect's row where there is a dialect, then a row a field."""
    return dialect_row(meter, name) + b"".join(layout_rows(meter, name))


def layout_rows(meter: Cjt188Meter, name: str) -> list[bytes]:
    """A row of five bytes for each field."""
    return [field_row(f, meter.dialect, f"meter {name!r}") for f in meter.fields]


def field_row(field: Field188, dialect: Dialect, where: str) -> bytes:
    code = terms.lookup(terms.QUANTITIES, field.quantity, "quantity", where)
    how, order = field.width, dialect.number_order
    base, exponent = 0, 0
    if field.is_clock:
        how |= rows.CLOCK
        order = dialect.clock_order
    elif field.is_status:
        how |= rows.BINARY
        order = "low first"
    else:
        if field.coding == "binary":
            how |= rows.BINARY
        if field.unit is None:
            base = rows.UNIT_BESIDE
            how |= rows.UNIT_FIRST if dialect.unit_position == "before" else 0
        else:
            base, exponent = terms.lookup(terms.UNITS, field.unit, "unit", where)
        exponent -= terms.decimals(field.format)
    if order == "high first":
        how |= rows.HIGH_FIRST
    return bytes((code, field.offset, how, exponent + 16, base))


def dialect_row(meter: Cjt188Meter, name: str) -> bytes:
    """The first row, or nothing when the meter keeps to the standard."""
    dialect = meter.dialect
    absent = sum({_ABSENT[pattern] for pattern in dialect.absent})
    base = 0
    if dialect.unit_of_zero:
        base, _ = terms.lookup(terms.UNITS, dialect.unit_of_zero, "unit", f"meter {name!r}")
    row = (
        0,
        _SHIFT if dialect.data_plus_33 else 0,
        absent,
        meter.answer.body_bytes or 0,
        base,
    )
    return bytes(row) if any(row) else b""


def ask(meter: Cjt188Meter) -> bytes:
    """For `link.cjt188.read_request`: the data identifier on the wire, and the function if it is
    not the standard's."""
    shift = _SHIFT if meter.dialect.data_plus_33 else 0
    di = bytes((b + shift) & 0xFF for b in bytes.fromhex(meter.request.di))
    function = bytes.fromhex(meter.request.function)
    return di if function[0] == link.READ_DATA else di + function


def wire_address(meter: Cjt188Meter, address: str) -> bytes:
    """An address of 14 digits, most significant first, as this meter has it on the wire."""
    high_first = meter.dialect.address_order == "high first"
    return bytes.fromhex(address) if high_first else terms.wire(address)


def builder_flags(meter: Cjt188Meter) -> int:
    """The dialect for the builders of `meters.cjt188_services`."""
    dialect = meter.dialect
    return (
        (services.MIRRORED if meter.request.mirrored else 0)
        | (services.SHIFTED if dialect.data_plus_33 else 0)
        | (services.HIGH_FIRST if dialect.number_order == "high first" else 0)
        | (services.CLOCK_HIGH_FIRST if dialect.set_clock_order == "high first" else 0)
        | (services.UNIT_FIRST if dialect.unit_position == "before" else 0)
        | (services.ADDRESS_HIGH_FIRST if dialect.address_order == "high first" else 0)
    )
