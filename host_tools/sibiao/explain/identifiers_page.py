"""docs/identifiers.md: an uplink's identifiers and the layout of its blocks, from its file."""

from __future__ import annotations

from sibiao.config import load
from sibiao.config.device import identifiers
from sibiao.config.schema.identifiers import Identifier
from sibiao.config.schema.uplink import Uplink
from sibiao.explain import own645

_HEAD = """# Data identifiers

Made from `board_configs/uplinks/` by `sibiao config identifiers`; do not edit.

A data identifier is written DI3 first. `**` is a point's number: 00 is the station that was asked,
01 and on are the points, asked under the converter's own address. `##` counts back: 01 is the
newest. An identifier that stands in several rows answers in the unit that the point has. Numbers
are BCD, low byte first. What is unknown, was never frozen, or does not fit its field is an error
answer. The status of a point is always that of the moment, so it has no time of its own.

FF for DI0, DI1 or DI2 asks for the block of all that the byte stands for, in the order of the
identifiers. In a block, FF bytes are what a single read would refuse; a block of nothing else that
one frame holds is refused. What does not fit one frame follows with 12H, as it was when the first
frame was asked; once another freeze has been taken it is refused (02), and begun anew.
"""


def page(names: list[str]) -> str:
    """The whole page, of the uplinks by name; each with the rows that it does not include."""
    return "\n".join([_HEAD, *(_section(name) for name in names)])


def _section(name: str) -> str:
    uplink = load.read("uplinks", name)
    included = "".join(f" Holds all of `{other}`, and:" for other in uplink.include)
    lines = [f"## {name}", "", f"{uplink.title}.{included}", ""]
    lines.append("| identifier | what | format | unit | its time | in blocks |")
    lines.append("|---|---|---|---|---|---|")
    own = [row for row in uplink.identifiers if row.file == name]
    lines += [_line(row) for row in own]
    for di3 in sorted({row.di[:2] for row in own if row.is_by_point and row.time == "block"}):
        lines += _layout(uplink, int(di3, 16))
    return "\n".join(lines) + "\n"


def _line(row: Identifier) -> str:
    sign = "±" if row.signed else ""
    time = f"`{row.di[:6]}{int(row.di[6:], 16) + 1:02X}`" if row.time else ""
    back = f" (## to {identifiers.reach(row):02X})" if row.di.endswith("##") else ""
    what = f"{_what(row)}{back}"
    blocks = "yes" if row.block else ""
    return f"| `{row.di}` | {what} | {sign}{_short(row.format)} | {row.unit} | {time} | {blocks} |"


def _what(row: Identifier) -> str:
    if row.source == "text":
        return f"text `{row.text}`"
    if row.source == "constant":
        return f"always {row.constant}"
    return row.name.replace("_", " ")


def _short(pattern: str) -> str:
    n = pattern.count("X")
    return pattern if n <= 12 else f"X × {n}"


def _layout(uplink: Uplink, di3: int) -> list[str]:
    found = own645.items(uplink, di3 << 24 | 0x01FFFF)
    lines = ["", f"### Block `{di3:02X}**FFFF`", ""]
    lines += ["| byte | bytes | what |", "|---|---|---|"]
    at = 0
    for item in found:
        row = item.rows[0]
        what = f"time of {_what(row)}, YYMMDDhhmmss" if item.is_time_of_value else _what(row)
        unit = f", {row.unit}" if row.unit and not item.is_time_of_value else ""
        lines.append(f"| {at} | {item.width} | {what}{unit} |")
        at += item.width
    return [*lines, "", f"{at} bytes behind the identifier."]
