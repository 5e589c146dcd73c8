"""Readings for people: a table of one round."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from sibiao.reader.collect import Reading

# Bits of a point's status (docs/metering.md).
_STATUS = {
    1: "silent", 2: "refused", 4: "unreadable", 8: "gap", 16: "restored", 32: "lost",
    64: "an alarm holds", 128: "suspect", 256: "default password",
}  # fmt: skip


def status_words(number: int) -> str:
    """A bit without a name is told by its value."""
    bits = [1 << bit for bit in range(number.bit_length()) if number >> bit & 1]
    return ", ".join(_STATUS.get(bit, str(bit)) for bit in bits) or "well"


def table(readings: Sequence[Reading]) -> Table:
    made = Table(title=readings[0].time if readings else "")
    made.add_column("converter", min_width=12)
    for title in ("point", "quantity"):
        made.add_column(title, overflow="fold")
    made.add_column("value", justify="right", overflow="fold")
    for title in ("unit", "its time", "status"):
        made.add_column(title, overflow="fold")
    before = None
    for reading in readings:
        here = (reading.converter, reading.point)
        is_new, before = here != before, here
        status = status_words(int(reading.status)) if is_new and reading.status else ""
        row = (
            reading.converter if is_new else "",
            reading.point if is_new else "",
            reading.quantity or reading.di,
            reading.value or reading.error,
            reading.unit if reading.value else "",
            reading.value_time,
            status,
        )
        style = "yellow" if reading.error else None
        made.add_row(*map(Text, row), style=style)
    return made
