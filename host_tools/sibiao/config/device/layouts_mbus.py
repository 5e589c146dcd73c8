"""An M-Bus profile as the constants that the firmware reads: rows for `meters/mbus.py`."""

from __future__ import annotations

import struct

from converter.link import mbus as link
from converter.link import mbus_select
from converter.meters import mbus as rows
from converter.meters import mbus_records

from sibiao.config import terms, terms_mbus
from sibiao.config.schema.mbus import MbusMeter, RecordMbus

_KINDS = {name: code for code, name in terms_mbus.QUANTITIES.items()}
_QUIRKS = {"wide 0C": mbus_records.WIDE_0C, "bcd dates": mbus_records.BCD_DATES}


def layout_rows(meter: MbusMeter, name: str) -> list[bytes]:
    return [packed(record, f"meter {name!r}") for record in meter.fields]


def quirks(meter: MbusMeter) -> int:
    return sum({_QUIRKS[quirk] for quirk in meter.quirks})


def packed(record: RecordMbus, where: str) -> bytes:
    base = rows.ANY_UNIT
    if record.unit != "any":
        base, _ = terms.lookup(terms.UNITS, record.unit, "unit", where)
    function = terms_mbus.FUNCTIONS.index(record.function)
    return struct.pack(
        "<BBBBHBBBB",
        terms.lookup(terms.QUANTITIES, record.quantity, "quantity", where),
        terms.lookup(_KINDS, record.kind_name, "kind of record", where),
        base,
        function | (rows.OPTIONAL if record.optional else 0),
        record.storage,
        record.tariff,
        record.subunit,
        record.modifier,
        record.detail,
    )


def secondary(address: str, fabrication: str | None) -> bytes:
    """A secondary address as the selection has it: 8 bytes, what is not told a wildcard; with a
    fabrication number, 4 more."""
    rest = address[8:]
    selected = bytes.fromhex(rest) if rest else mbus_select.ANYONE[4:]
    return terms.wire(address[:8]) + selected + terms.wire(fabrication or "")


def primary(address: str | None) -> int:
    """Where the meter answers: at its own address, or where a selected one does."""
    return link.SELECTED if address is None else int(address)
