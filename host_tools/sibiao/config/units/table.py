"""A CSV file of units, each cell and all of them against each other; every mistake in one run.

Problems stand at row and column as a spreadsheet counts them, the header being row 1.
"""

from __future__ import annotations

import re
from pathlib import Path

from sibiao.config.load import Loaded
from sibiao.config.problems import Origin, Problem, Refused, meant
from sibiao.config.units.csv_rows import csv_rows
from sibiao.config.units.unit import Column, Unit, columns, wrong
from sibiao.errors import SibiaoError

_ROUNDED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
_AS_TEXT = "a spreadsheet took it for a number: give the column the format Text and enter it anew"
_Cells = list[tuple[Column, str, Origin]]
_Claim = tuple[str, str]


def read_units(loaded: Loaded, path: Path) -> list[Unit]:
    """Refused with all that is wrong."""
    problems: list[Problem] = []
    rows = csv_rows(path)
    header, place = next(rows, ([], Origin(path)))
    held = _header(loaded, header, place, problems)
    if problems:
        raise Refused(problems)
    taken: dict[_Claim, tuple[Column, Origin]] = {}
    units = []
    for texts, place in rows:
        if len(texts) != len(held):
            text = f"the row has {len(texts)} cells, and the header has {len(held)}"
            problems.append(Problem(place, text, hint="see to commas and quotation marks"))
            continue
        cells = [
            (column, text.strip(), Origin(path, place.line, at))
            for at, (column, text) in enumerate(zip(held, texts, strict=True), 1)
        ]
        _row(loaded, cells, taken, problems)
        told = {column: text for column, text, _ in cells}
        units.append(Unit(told[Column("serial", "serial")], told))
    if not units and not problems:
        problems.append(
            Problem(Origin(path, 2), "there is no unit", "a row below the header each")
        )
    if problems:
        raise Refused(problems)
    return units


def unit_named(loaded: Loaded, path: Path, serial: str) -> Unit:
    units = read_units(loaded, path)
    for unit in units:
        if unit.serial == serial:
            return unit
    hint = meant(serial, [unit.serial for unit in units]) or f"it holds {len(units)} others"
    raise SibiaoError(f"{path} holds no unit {serial!r}; {hint}")


def _header(
    loaded: Loaded, header: list[str], place: Origin, problems: list[Problem]
) -> list[Column]:
    known = {column.name: column for column in columns(loaded)}
    held = []
    for at, text in enumerate(header, 1):
        name, origin = text.strip(), Origin(place.file, place.line, at)
        if name not in known:
            text = f"{name!r} is no column of community {loaded.name!r}"
            problems.append(
                Problem(origin, text, f"there are: {', '.join(known)}", meant(name, known))
            )
        elif known[name] in held:
            problems.append(Problem(origin, f"column {name!r} stands twice"))
        else:
            held.append(known[name])
    missing = [c.name for c in known.values() if c not in held and not c.is_optional]
    if missing and not problems:
        text = f"the header lacks {', '.join(missing)}"
        hint = f"sibiao config units {loaded.name} --template writes a whole one"
        problems.append(Problem(place, text, hint=hint))
    return held


def _row(
    loaded: Loaded,
    cells: _Cells,
    taken: dict[_Claim, tuple[Column, Origin]],
    problems: list[Problem],
) -> None:
    on_bus: dict[_Claim, tuple[Column, Origin]] = {}  # M-Bus: unique on one bus of one unit only
    for column, text, origin in cells:
        said = wrong(loaded, column, text)
        if said:
            problems.append(Problem(origin, f"{column.name}: {said}", hint=_spoilt(said, text)))
            continue
        claim = _claim(loaded, column, text, cells)
        if claim is None or not text:
            continue
        held = on_bus if claim[0].startswith("bus ") else taken
        first, at = held.setdefault(claim, (column, origin))
        if at != origin:
            where = f"row {at.line}" + (f", {first.name}" if first != column else "")
            text = f"{column.name}: {text!r} is that of {where}, too"
            problems.append(Problem(origin, text, "each needs its own"))


def _claim(loaded: Loaded, column: Column, text: str, cells: _Cells) -> _Claim | None:
    """Among what it must stand once, if it must."""
    if column.key in ("serial", "address"):
        return column.key, text
    if column.key not in ("meter_address", "secondary_address"):
        return None
    point = loaded.community.points[column.point]
    if loaded.meters[point.meter].link == "cjt188":
        return "meter", text
    beside = [each for c, each, _ in cells if c.point == column.point and c.key == "fabrication"]
    asked = str(int(text)) if column.key == "meter_address" else text
    return f"bus {point.wired_to}", " ".join([asked, *beside])


def _spoilt(said: str, text: str) -> str:
    """Spreadsheets round long numbers and drop zeros at their front."""
    of_digits = "digits, most significant first" in said
    return _AS_TEXT if of_digits and (text.isdigit() or _ROUNDED.fullmatch(text)) else ""
