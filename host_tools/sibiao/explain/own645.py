"""The identifiers of an uplink's profile: what an answer to one holds, single or as a block, as
`identifiers645.fields` says it of the standard's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sibiao.config import terms
from sibiao.config.device import identifiers
from sibiao.config.schema.identifiers import Identifier
from sibiao.config.schema.uplink import Uplink
from sibiao.explain import identifiers645
from sibiao.explain.values188 import UNIT_NAMES

_FRAME_BYTES = 195  # of values, in each frame of a block
_FROM_POINTS = ("value", "freeze", "freeze time")


@dataclass(frozen=True)
class Held:
    """What a converter or one of its points holds, and in which base unit (codes of
    `model/unit.py`) where its meter's profile leaves no choice."""

    quantities: frozenset[str]
    units: Mapping[str, int]

    def possible(self, rows: list[Identifier]) -> list[Identifier]:
        """Of the rows that share an identifier those that it can be; all where none can. Of the
        quantities, the first that is held answers (station/read.py)."""
        first = next((row.quantity for row in rows if row.quantity in self.quantities), None)
        held = [row for row in rows if row.quantity == first] or rows
        certain = [row for row in held if self.units.get(row.quantity) == _base(row)]
        return certain or held


# By a point's number, 0 where the address says which point; None: nothing is known of it.
HeldBy = Callable[[int], Held | None]


@dataclass(frozen=True)
class Item:
    """One value of an answer. `rows` are several where one identifier is one of several units."""

    rows: list[Identifier]
    di: int
    back: int

    @property
    def is_time_of_value(self) -> bool:
        return self.back == 1 and self.rows[0].source == "value"

    @property
    def width(self) -> int:
        return identifiers.TIME_WIDTH if self.is_time_of_value else self.rows[0].width


def items(uplink: Uplink, di: int) -> list[Item]:
    """What the answer to an identifier holds, in order; nothing: it is none of the uplink's."""
    is_block = any(di >> shift & 0xFF == 0xFF for shift in (0, 8, 16))
    groups: dict[str, list[Identifier]] = {}
    for row in uplink.identifiers:
        if _answers(row, di) and (row.block or not is_block):
            groups.setdefault(row.di, []).append(row)
    found = []
    for rows in groups.values():
        row = rows[0]
        for back in _backs(row, di & 0xFF):
            own = row.di.replace("**", f"{di >> 16 & 0xFF:02X}").replace("##", "00")
            found.append(Item(rows, int(own, 16) + back, back))
    return found


def frame(found: list[Item], number: int) -> list[Item]:
    """Those in the first frame of an answer (0) or in one that follows."""
    frames: list[list[Item]] = [[]]
    room = _FRAME_BYTES
    for item in found:
        if item.width > room:
            frames.append([])
            room = _FRAME_BYTES
        frames[-1].append(item)
        room -= item.width
    return frames[number] if number < len(frames) else []


def fields(
    uplink: Uplink, di: int, data_bytes: int, number: int = 0, held_by: HeldBy | None = None
):
    """The fields of a frame of the answer, or None when the identifier is none of the uplink's
    or the frame is longer or shorter."""
    told = frame(items(uplink, di), number)
    if not told or sum(item.width for item in told) != data_bytes:
        return None
    return [_field(item, held_by) for item in told]


def _answers(row: Identifier, di: int) -> bool:
    di3, di2, di1 = (row.di[k : k + 2] for k in (0, 2, 4))
    asked = f"{di:08X}"
    if asked[:2] != di3 or asked[4:6] not in ("FF", di1):
        return False
    if row.is_by_point:
        return asked[2:4] != "FF" and bool(_backs(row, di & 0xFF))
    return asked[2:4] in ("FF", di2) and bool(_backs(row, di & 0xFF))


def _backs(row: Identifier, di0: int) -> range:
    """How far back of the row's first DI0 are those asked for."""
    top = identifiers.reach(row)
    if row.di.endswith("##"):
        every, in_blocks, back = range(1, top + 1), range(1, top + 1), di0
    else:
        every, in_blocks = range(min(top, 1) + 1), range(top // 2 + 1)
        back = di0 - int(row.di[6:], 16)
    if di0 == 0xFF:
        return in_blocks
    return range(back, back + 1) if back in every else range(0)


def _field(item: Item, held_by: HeldBy | None):
    row = item.rows[0]
    if row.source not in _FROM_POINTS or row.quantity == "address":
        known = identifiers645.fields(item.di, row.width)
        if known:
            return known[0]
    point = item.di >> 16 & 0xFF if row.is_by_point else 0
    back = item.back if row.kind or row.source == "state" else 0
    if item.is_time_of_value:
        return (f"{row.quantity}_time", item.width, "YYMMDDhhmmss", "", 0, 0, 0, point)
    rows = item.rows
    if len(rows) > 1 and held_by and (held := held_by(point)):
        rows = held.possible(rows)
    if len(rows) > 1:
        return _undecided(rows, back, point)
    row = rows[0]
    if row.source in ("value", "freeze"):
        base, exponent = terms.UNITS[row.unit]
        return (row.quantity, row.width, _number(row), UNIT_NAMES[base], exponent, back, 0, point)
    how = {"text": "text", "state": "bits", "constant": "0"}.get(row.source, row.format)
    return (row.source.replace(" ", "_"), row.width, how, "", 0, back, 0, point)


def _base(row: Identifier) -> int:
    return terms.UNITS[row.unit][0]


def _number(row: Identifier) -> str:
    return f"{terms.decimals(row.format)}{'s' * row.signed}"


def _undecided(rows: list[Identifier], back: int, point: int):
    """The point has one of them; the answer does not say which. Where only the unit is open, the
    number is told."""
    width = rows[0].width
    if len({(r.quantity, _number(r)) for r in rows}) == 1:
        units = " or ".join(r.unit for r in rows)
        return (rows[0].quantity, width, _number(rows[0]), units, 0, back, 0, point)
    names = sorted(f"{r.quantity} in {r.unit}" if r.unit else str(r.quantity) for r in rows)
    return (" or ".join(names), width, "undecided", "", 0, back, 0, point)
