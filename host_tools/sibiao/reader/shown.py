"""Readings for people: the tables of one round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sibiao.reader.collect import Reading

# Bits of a point's status (docs/metering.md).
_STATUS = {
    1: "silent", 2: "refused", 4: "unreadable", 8: "gap", 16: "restored", 32: "lost",
    64: "an alarm holds", 128: "suspect", 256: "default password",
}  # fmt: skip

# YYMMDDhhmmss, of CJ/T 188 with the century: as the meter tells it.
_MOMENT = re.compile(r"(?:20)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_MOMENT_WIDTH = len("2026-01-31 12:34:56")


def status_words(number: int) -> str:
    """A bit without a name is told by its value."""
    bits = [1 << bit for bit in range(number.bit_length()) if number >> bit & 1]
    return ", ".join(_STATUS.get(bit, str(bit)) for bit in bits) or "well"


def tables(readings: Sequence[Reading]) -> Group:
    """A table for each converter; a column that would be empty is left out."""
    return Group(*(_table(list(own)) for _, own in groupby(readings, lambda r: r.converter)))


def _table(readings: list[Reading]) -> Table:
    day, _, clock = readings[0].time.partition("T")
    title = f"{readings[0].converter}, {day} {clock[:8]}"
    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    has_times = any(reading.value_time for reading in readings)
    made.add_column("point", overflow="fold")
    made.add_column("quantity", overflow="fold", min_width=18)
    made.add_column("value", justify="right", overflow="fold", min_width=_MOMENT_WIDTH)
    made.add_column("unit", overflow="fold")
    if has_times:
        made.add_column("its time", no_wrap=True)
    for point, of_point in groupby(readings, lambda r: r.point):
        before = ""
        for reading in _status_last(list(of_point)):
            cells = ["" if point == before else point, _name(reading), _value(reading)]
            cells.append(reading.unit if reading.value else "")
            cells += [_when(reading.value_time, day)] * has_times
            made.add_row(*map(Text, cells), style="yellow" if reading.error else None)
            before = point
        made.add_section()
    return made


def _status_last(readings: list[Reading]) -> list[Reading]:
    """The point's status once, also where it came as a proof of the others."""
    status = readings[0].status
    if not status:
        return readings
    told = replace(readings[0], quantity="status", value=status, unit="", value_time="", error="")
    return [*(r for r in readings if r.quantity != "status"), told]


def _name(reading: Reading) -> str:
    return reading.quantity.replace("_", " ") or reading.di


def _when(moment: str, today: str) -> str:
    return moment.removeprefix(f"{today}T").replace("T", " ")


def _value(reading: Reading) -> str:
    if reading.quantity == "meter_time" and (told := _MOMENT.fullmatch(reading.value.zfill(12))):
        year, *rest = told.groups()
        return f"20{year}-{rest[0]}-{rest[1]} {rest[2]}:{rest[3]}:{rest[4]}"
    if reading.quantity == "status" and reading.value:
        return status_words(int(reading.value))
    return reading.value or reading.error
