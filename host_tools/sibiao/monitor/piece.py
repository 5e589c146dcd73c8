"""What passed on a line: the pieces of one line and direction are all its bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sibiao.errors import SibiaoError

REQUEST, ANSWER = "request", "answer"
_DIRECTIONS = (REQUEST, ANSWER, None)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound frame with the FE before it, or bytes that are none (`link` is None).

    `time_ms`: since 1970, when its first byte had arrived; `took_ms`: until its last one had.
    `direction` is None where only the frame itself can tell.
    """

    time_ms: int
    took_ms: int
    line: str
    direction: str | None
    link: str | None
    data: bytes

    @property
    def end_ms(self) -> int:
        return self.time_ms + self.took_ms

    def as_json(self) -> dict:
        return {
            "time": iso(self.time_ms),
            "took_ms": self.took_ms,
            "line": self.line,
            "direction": self.direction,
            "link": self.link,
            "hex": self.data.hex().upper(),
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """Something of a line could not be heard."""

    time_ms: int
    text: str

    def as_json(self) -> dict:
        return {"time": iso(self.time_ms), "notice": self.text}


def moment(time_ms: int) -> datetime:
    """In the local time zone."""
    whole = datetime.fromtimestamp(time_ms // 1000).astimezone()
    return whole + timedelta(milliseconds=time_ms % 1000)


def iso(time_ms: int) -> str:
    return moment(time_ms).isoformat(timespec="milliseconds")


def _time_ms(text: str) -> int:
    when = datetime.fromisoformat(text)
    return int(when.replace(microsecond=0).timestamp()) * 1000 + when.microsecond // 1000


def from_json(text: str, where: str) -> Piece | Notice:
    """`where`: of the line, for the error's sentence."""
    try:
        row = json.loads(text)
        if "notice" in row:
            return Notice(_time_ms(row["time"]), str(row["notice"]))
        piece = Piece(
            _time_ms(row["time"]),
            int(row["took_ms"]),
            str(row["line"]),
            row["direction"],
            row["link"],
            bytes.fromhex(row["hex"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SibiaoError(
            f"{where}: this is no line of a recording ({error}); `sibiao monitor --record` "
            "writes them"
        ) from error
    if piece.direction not in _DIRECTIONS or not piece.data:
        raise SibiaoError(f"{where}: a direction is request, answer or null, and hex is not empty")
    return piece


def read_pieces(path: Path) -> Iterator[Piece | Notice]:
    """Of a recording."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield from_json(line, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise SibiaoError(f"the recording {path} cannot be read: {error}") from error
