"""An uplink's data identifiers as the rows that the firmware reads (converter.station.rows), and
what is wrong with them as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from converter.model import freezes
from converter.station import rows
from converter.store import history

from sibiao.config import schema, terms
from sibiao.config.schema.identifiers import is_time
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
_CODE, _FLAGS = 4, 8  # places in a row
TIME_WIDTH = 6  # of a value's time, YYMMDDhhmmss


def reach(row: schema.Identifier) -> int:
    """How far DI0 runs."""
    if row.kind:
        return min(row.back or 254, history.KEPT[_KINDS[row.kind]])
    return row.back or _STATUS_WORDS if row.source == "state" else _TIMED[row.time]


def compiled(uplink: schema.Uplink, texts: dict[str, str]) -> tuple[bytes, tuple[bytes, ...]]:
    """The rows, and the texts that they name. texts: what stands for {…}."""
    told: list[bytes] = []
    table = b""
    before = None
    for each in uplink.identifiers:
        made = bytearray(packed(each))
        if before is not None and before.di == each.di:
            made[_FLAGS] |= rows.ALSO
        if each.source == "text":
            made[_CODE] = len(told)
            told.append(packed_text(each, texts))
        table += made
        before = each
    return table, tuple(told)


def collisions(uplink: schema.Uplink) -> Iterator[tuple[int, int]]:
    """Pairs of rows that claim one identifier, other than as units of one quantity."""
    groups: dict[tuple[str, str], list[int]] = {}
    for n, row in enumerate(uplink.identifiers):
        groups.setdefault((row.di[:2], row.di[4:6]), []).append(n)
    for numbers in groups.values():
        for first, second in combinations(numbers, 2):
            one, other = uplink.identifiers[first], uplink.identifiers[second]
            if _meet(one, other) and not _alternatives(one, other):
                yield first, second


def texts_of(community: schema.Community) -> dict[str, str]:
    """What stands for {…} in texts."""
    return {"serial": community.serial, "production_date": community.production_date}


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


def packed(row: schema.Identifier) -> bytes:
    """Without what its neighbours and the texts decide."""
    where = row.di
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
    elif row.source == "constant":
        if row.constant >= 100**row.width:
            raise SibiaoError(f"{where}: {row.constant} does not fit {row.format}; make it longer")
        code, exponent = row.constant & 0xFF, row.constant >> 8
    flags = _SOURCES[row.source]
    flags |= rows.BACK if row.di.endswith("##") else 0
    flags |= rows.BY_POINT if row.is_by_point else 0
    flags |= 0 if row.block else rows.ALONE
    wire = terms.wire(row.di.replace("**", "00").replace("##", "00"))
    return wire + bytes((code, kind, exponent, base, flags, reach(row)))


def packed_text(row: schema.Identifier, texts: dict[str, str]) -> bytes:
    try:
        said = row.text.format(**texts)
        raw = said.encode("ascii")
    except (KeyError, IndexError, ValueError) as error:
        known = ", ".join(f"{{{name}}}" for name in texts)
        raise SibiaoError(
            f"{row.di}: {row.text!r} is no ASCII text with at most these in it: {known}"
        ) from error
    if len(raw) > row.width:
        raise SibiaoError(
            f"{row.di}: {said!r} is longer than its {row.width} bytes; make it shorter"
        )
    return raw
