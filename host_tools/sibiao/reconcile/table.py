"""The CSV files that are reconciled: dials that a person read, registers that were collected.

Every mistake is told in one run, at row and column as a spreadsheet counts them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sibiao.config.problems import Origin, Problem, Refused, meant
from sibiao.config.units.csv_rows import csv_rows
from sibiao.errors import SibiaoError

MANUAL = ("time", "meter", "dial", "unit")
COLLECTED = (
    "time", "converter", "address", "point", "quantity", "value", "unit", "value_time", "status",
    "generation", "sequence", "loss_bound", "gap", "starts",
)  # fmt: skip
GAP = 8  # of `status`, docs/metering.md
_NEEDED = ("time", "address", "point", "quantity", "value", "unit")
_WHOLE = ("generation", "sequence", "loss_bound", "gap", "starts")
_ALSO = {"address": "meter", "point": "meter", "reading": "dial"}  # names that MANUAL may have
_CUBIC_METRES = {"m3": Decimal(1), "m³": Decimal(1), "l": Decimal("0.001")}
_CUBIC_METRES |= dict.fromkeys(("litre", "litres", "liter"), Decimal("0.001"))
Zone = Callable[[datetime], datetime]  # gives a time without offset one


@dataclass(frozen=True)
class DialReading:
    """`meter`: a station address or a point's name. `step_m3`: the last place that was written."""

    origin: Origin
    time: datetime
    meter: str
    m3: Decimal
    step_m3: Decimal


@dataclass(frozen=True)
class Collected:
    """One row of a pulse point. `value` in m3, or pulses; None where the converter had none."""

    origin: Origin
    time: datetime
    converter: str
    address: str
    point: str
    quantity: str
    value: Decimal | None
    step: Decimal
    status: int | None
    starts: int | None
    gap: int | None


class _Cells:
    """One row by the names of its columns; what is wrong goes to `problems`."""

    def __init__(self, told: Mapping[str, tuple[str, Origin]], problems: list[Problem]):
        self._told, self._problems = told, problems

    def text(self, name: str) -> str:
        return self._told[name][0] if name in self._told else ""

    def at(self, name: str) -> Origin:
        return self._told[name][1]

    def wrong(self, name: str, said: str, hint: str = "") -> None:
        self._problems.append(Problem(self.at(name), f"{name}: {said}", hint=hint))

    def number(self, name: str) -> Decimal | None:
        text = self.text(name)
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_finite() and "e" not in text.lower():
            return value
        hint = "write a decimal point" if "," in text else "digits, with a point before decimals"
        self.wrong(name, f"{text!r} is no number", hint)
        return None

    def whole(self, name: str) -> int | None:
        """None also where nothing is told."""
        text = self.text(name)
        if not text or text.isdecimal():
            return int(text) if text else None
        self.wrong(name, f"{text!r} is no whole number", "digits, or nothing where it is unknown")
        return None

    def time(self, name: str, zoned: list[bool], zone: Zone | None = None) -> datetime | None:
        """`zoned` holds what the first time of all had: an offset, or none. `zone`: of a time
        without."""
        text = self.text(name)
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            self.wrong(name, f"{text!r} is no time", "write 2026-03-02T09:15, or with +08:00")
            return None
        if zone and time.tzinfo is None:
            time = zone(time)
        if not zoned:
            zoned.append(time.tzinfo is not None)
        if (time.tzinfo is not None) != zoned[0]:
            had = "have an offset from UTC" if zoned[0] else "have no offset from UTC"
            self.wrong(name, f"{text!r} is not like the times before it, which {had}",
                       "write all times of both files one way; of dials without, --dial-offset "
                       "+08:00 says it")  # fmt: skip
            return None
        return time

    def cubic_metres(self, name: str) -> Decimal | None:
        factor = _CUBIC_METRES.get(self.text(name).lower())
        if factor is None:
            said = f"{self.text(name)!r} is no unit of a dial that counts pulses"
            self.wrong(name, said, "m3 or L")
        return factor


def zone_of(text: str) -> Zone:
    """Of `+08:00`, or `local`: this computer's, summer time and all."""
    if text == "local":
        return datetime.astimezone
    try:
        zone = datetime.strptime(text, "%z").tzinfo if text[:1] in ("+", "-") else None
    except ValueError:
        zone = None
    if zone is None:
        raise SibiaoError(f"--dial-offset {text!r}: write +08:00, or local")
    return lambda time: time.replace(tzinfo=zone)


def read_manual(path: Path, zoned: list[bool], zone: Zone | None = None) -> list[DialReading]:
    """In order of time. `zone`: of times without. Refused with all that is wrong."""
    readings, problems = [], []
    for cells in _rows(path, MANUAL, _ALSO, problems):
        time, dial = cells.time("time", zoned, zone), cells.number("dial")
        factor = cells.cubic_metres("unit")
        if not cells.text("meter"):
            cells.wrong("meter", "nothing stands here", "an address or a point's name")
        if dial is not None and dial < 0:
            cells.wrong("dial", f"{dial} is below zero, which no dial shows")
        if time is not None and dial is not None and factor:
            meter, step = cells.text("meter"), _step(dial)
            readings.append(
                DialReading(cells.at("dial"), time, meter, dial * factor, step * factor)
            )
    return _whole(path, readings, problems)


def read_collected(path: Path, zoned: list[bool]) -> list[Collected]:
    """Volumes and pulses, in order of time. Refused with all that is wrong."""
    readings, problems = [], []
    for cells in _rows(path, _NEEDED, {}, problems):
        quantity = cells.text("quantity")
        time = cells.time("time", zoned)
        numbers = {name: cells.whole(name) for name in _WHOLE}
        status = _status(cells)
        if quantity not in ("volume", "pulses"):
            continue
        value = cells.number("value") if cells.text("value") else None
        step = _step(value or Decimal(0))
        if quantity == "volume" and value is not None:
            factor = cells.cubic_metres("unit")
            value, step = (value * factor, step * factor) if factor else (None, step)
        if time is not None:
            place = [cells.text(name) for name in ("converter", "address", "point")]
            proof = [numbers[name] for name in ("starts", "gap")]
            readings.append(
                Collected(cells.at("value"), time, *place, quantity, value, step, status, *proof)
            )
    return _whole(path, readings, problems)


def write(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _rows(
    path: Path, needed: Iterable[str], also: Mapping[str, str], problems: list[Problem]
) -> Iterator[_Cells]:
    rows = csv_rows(path)
    header, place = next(rows, ([], Origin(path)))
    names = [text.strip().lower() for text in header]
    names = [also.get(n, n) if also.get(n) not in names else n for n in names]
    for name in needed:
        if name not in names:
            text = f"the header lacks {name!r}"
            problems.append(Problem(place, text, f"it has {', '.join(names)}", meant(name, names)))
    for name in dict.fromkeys(names):
        if names.count(name) > 1 and name in needed:
            problems.append(Problem(place, f"column {name!r} stands twice"))
    if problems:
        return
    for texts, at in rows:
        if len(texts) != len(names):
            text = f"the row has {len(texts)} cells, and the header has {len(names)}"
            hint = "see to commas and quotation marks"
            problems.append(Problem(at, text, hint=hint))
            continue
        told = {
            name: (text.strip(), Origin(path, at.line, column))
            for column, (name, text) in enumerate(zip(names, texts, strict=True), 1)
        }
        yield _Cells(told, problems)


def _whole(path: Path, readings: list, problems: list[Problem]) -> list:
    if not readings and not problems:
        text = "there is no reading"
        problems.append(Problem(Origin(path, 2), text, "a row below the header each"))
    if problems:
        raise Refused(problems)
    return sorted(readings, key=lambda reading: reading.time)


def _status(cells: _Cells) -> int | None:
    """A sum of bits, or words: of those, `gap` is the one that counts here."""
    text = cells.text("status").lower()
    if not text:
        return None
    if text.isdecimal():
        return int(text)
    return GAP if "gap" in re.findall(r"[a-z]+", text) else 0


def _step(value: Decimal) -> Decimal:
    return Decimal(1).scaleb(min(0, value.as_tuple().exponent))
