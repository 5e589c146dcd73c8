"""What the services of a community's station are given, as constants of the firmware."""

from __future__ import annotations

from sibiao.config import schema, terms
from sibiao.config.load import Loaded


def services(loaded: Loaded) -> tuple:
    """(module of converter.station, its arguments) of each service that the uplink names."""
    return tuple(
        (name, _ARGUMENTS[name](loaded) if name in _ARGUMENTS else ())
        for name in loaded.uplink.services
    )


def _read(loaded: Loaded) -> tuple:
    rows = b"".join(_identifier_row(loaded, i) for i in loaded.uplink.identifiers)
    return rows, loaded.community.serial.encode()


def _identifier_row(loaded: Loaded, row: schema.Identifier) -> bytes:
    where = f"uplink {loaded.community.uplink!r}, identifier {row.di}"
    by_point = "**" in row.di
    base, exponent = terms.lookup(terms.UNITS, row.unit, "unit", where)
    code = terms.lookup(terms.QUANTITIES, row.quantity, "quantity", where)
    kind = terms.bytes_of(row.format) | (0x80 if row.signed else 0) | (0x40 if by_point else 0)
    exponent += 16 - terms.decimals(row.format)
    return terms.wire(row.di.replace("**", "00")) + bytes((code, kind, exponent, base))


_ARGUMENTS = {
    "read": _read,
    "report": lambda loaded: (loaded.uplink.report.separators,),
}
