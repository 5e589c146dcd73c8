"""Rows of a CSV file that a spreadsheet or a tool wrote, and where they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from sibiao.config.problems import Origin, Problem, Refused
from sibiao.errors import SibiaoError


def csv_rows(path: Path) -> Iterator[tuple[list[str], Origin]]:
    """Rows that hold something, and the lines that they begin in."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # spreadsheets write the mark
    except OSError as error:
        raise SibiaoError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SibiaoError(f"{path} is not UTF-8 text; save it as CSV UTF-8") from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for texts in lines:
            if any(each.strip() for each in texts):
                yield texts, Origin(path, line)
            line = lines.line_num + 1
    except csv.Error as error:
        raise Refused([Problem(Origin(path, line), f"not CSV: {error}")]) from error
