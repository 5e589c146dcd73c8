"""An uplink's data identifiers as the rows that the firmware reads (converter.station.rows), and
what is wrong with them as a whole."""

from __future__ import annotations

from decimal import Decimal

from converter.model import freezes
from converter.station import rows
from converter.store import history

from sibiao.config import schema, terms
from sibiao.config.load import Loaded
from sibiao.config.schema_identifiers import is_time
from sibiao.errors import SibiaoError

_SOURCES = {
    "value": rows.VALUE,
    "freeze": rows.FREEZE,
    "freeze time": rows.FREEZE_TIME,
    "clock": rows.CLOCK,
    "text": rows.TEXT,
    "state": rows.STATE,
    "settlement": rows.SETTLEMENT,
    "constant": rows.CONSTANT,
}
_KINDS = {
    "hour": freezes.HOUR,
    "day": freezes.DAY,
    "month": freezes.MONTH,
    "year": freezes.YEAR,
    "instant": freezes.INSTANT,
    "timed": freezes.TIMED,
}
_PARTS = ("ss", "mm", "hh", "WW", "DD", "MM", "YY")
_TIMED = {None: 0, "alone": 1, "block": 2}
_STATUS_WORDS = 7
TIME_WIDTH = 6  # of a value's time, YYMMDDhhmmss


def reach(row: schema.Identifier) -> int:
    """How far DI0 runs."""
    if row.kind:
        return min(row.back or 254, history.KEPT[_KINDS[row.kind]])
    return row.back or _STATUS_WORDS if row.source == "state" else _TIMED[row.time]


def compiled(uplink: schema.Uplink, texts: dict[str, str]) -> tuple[bytes, tuple[bytes, ...]]:
    """The rows, and the texts that they name. texts: what stands for {…}."""
    check(uplink)
    told: list[bytes] = []
    table = b""
    before = None
    for row in uplink.identifiers:
        also = rows.ALSO if before is not None and before.di == row.di else 0
        table += _row(row, also, told, texts)
        before = row
    return table, tuple(told)


def check(uplink: schema.Uplink) -> None:
    """SibiaoError when two rows claim one identifier, other than as units of one quantity."""
    of_uplink = uplink.identifiers
    for k, one in enumerate(of_uplink):
        for other in of_uplink[k + 1 :]:
            if _meet(one, other) and not _alternatives(one, other):
                raise SibiaoError(
                    f"{_where(one)} ({one.name}) and {_where(other)} ({other.name}) answer the "
                    "same data identifier; give one another number, or, if they are one quantity "
                    "in two units, the same format and source"
                )


def check_room(loaded: Loaded) -> None:
    """SibiaoError when the dial of a point that we count goes further than its identifier."""
    for point in loaded.community.points:
        meter = loaded.meters[point.meter]
        if meter.link != "pulse":
            continue
        most = Decimal(10) ** (meter.dial_digits + meter.weight.exponent)
        for row in loaded.uplink.identifiers:
            if row.source not in ("value", "freeze") or row.quantity != "volume":
                continue
            _, exponent = terms.lookup(terms.UNITS, row.unit, "unit", _where(row))
            digits = row.format.partition(".")[0].count("X")
            if most > Decimal(10) ** (digits + exponent):
                raise SibiaoError(
                    f"{_where(row)}: {row.format} {row.unit} is too short for point "
                    f"{point.name!r}, whose dial goes to {most:f} m3; give the identifier more "
                    f"digits before the point, or meter {point.meter!r} fewer dial_digits"
                )


def _where(row: schema.Identifier) -> str:
    return f"uplink {row.file!r}, identifier {row.di}"


def _meet(one: schema.Identifier, other: schema.Identifier) -> bool:
    if one.di[:2] != other.di[:2] or one.di[4:6] != other.di[4:6]:
        return False
    if one.di[2:4] != other.di[2:4] and "**" not in (one.di[2:4], other.di[2:4]):
        return False
    return not _last(one).isdisjoint(_last(other))


def _last(row: schema.Identifier) -> set[int]:
    """The DI0 that it answers."""
    if row.di.endswith("##"):
        return set(range(1, reach(row) + 1))
    first = int(row.di[6:], 16)
    return {first, first + 1} if row.time else {first}


def _alternatives(one: schema.Identifier, other: schema.Identifier) -> bool:
    keys = ("di", "source", "width", "time", "block", "kind", "back")
    same = all(getattr(one, key) == getattr(other, key) for key in keys)
    return same and one.source in ("value", "freeze") and one.unit != other.unit


def _row(row: schema.Identifier, also: int, told: list[bytes], texts: dict[str, str]) -> bytes:
    where = _where(row)
    code = exponent = base = 0
    kind = row.width | (rows.SIGNED if row.signed else 0)
    if row.source in ("value", "freeze"):
        code = terms.lookup(terms.QUANTITIES, row.quantity, "quantity", where)
        base, exponent = terms.lookup(terms.UNITS, row.unit, "unit", where)
        exponent += 16 - terms.decimals(row.format)
        if row.quantity == "address" and row.format != "X" * 12:
            raise SibiaoError(f"{where}: an address has the format {'X' * 12}")
    if row.kind:
        code = _KINDS[row.kind]
    if is_time(row.format):
        exponent = sum(1 << k for k, part in enumerate(_PARTS) if part in row.format)
    elif row.source == "text":
        code = len(told)
        told.append(_text(row, texts))
    elif row.source == "constant":
        if row.constant >= 100**row.width:
            raise SibiaoError(f"{where}: {row.constant} does not fit {row.format}; make it longer")
        code, exponent = row.constant & 0xFF, row.constant >> 8
    flags = _SOURCES[row.source] | also
    flags |= rows.BACK if row.di.endswith("##") else 0
    flags |= rows.BY_POINT if row.is_by_point else 0
    flags |= 0 if row.block else rows.ALONE
    wire = terms.wire(row.di.replace("**", "00").replace("##", "00"))
    return wire + bytes((code, kind, exponent, base, flags, reach(row)))


def _text(row: schema.Identifier, texts: dict[str, str]) -> bytes:
    try:
        text = row.text.format(**texts)
        raw = text.encode("ascii")
    except (KeyError, IndexError, ValueError) as error:
        known = ", ".join(f"{{{name}}}" for name in texts)
        raise SibiaoError(
            f"{_where(row)}: {row.text!r} is no ASCII text with at most these in it: {known}"
        ) from error
    if len(raw) > row.width:
        raise SibiaoError(
            f"{_where(row)}: {text!r} is longer than its {row.width} bytes; make it shorter"
        )
    return raw
