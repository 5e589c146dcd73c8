"""Every byte that passed on the lines of a stand, with its time: what a report attaches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

_REST_S = 0.05  # a longer one begins a new row
_MOST = 20_000


@dataclass(frozen=True)
class Noted:
    """Bytes that followed each other. `at_s`: when the first was complete, `gap_s` the longest
    span from one's end to the next one's."""

    at_s: float
    link: str
    to_module: bool
    data: bytes
    end_s: float
    gap_s: float = 0.0


class LineLog:
    """The newest rows."""

    def __init__(self, rows: Iterable[Noted] = ()):
        self.rows = deque(rows, maxlen=_MOST)

    def note(self, at_s: float, link: str, to_module: bool, data: bytes) -> None:
        last = self.rows[-1] if self.rows else None
        follows = last and (last.link, last.to_module) == (link, to_module)
        if follows and at_s - last.end_s <= _REST_S:
            gap_s = max(last.gap_s, at_s - last.end_s)
            row = Noted(last.at_s, link, to_module, last.data + data, at_s, gap_s)
            self.rows[-1] = row
        else:
            self.rows.append(Noted(at_s, link, to_module, data, at_s))

    def text(self) -> str:
        before = f"(more than {_MOST} rows: these are the last)\n"
        return before * (len(self.rows) == _MOST) + "".join(
            f"{row.at_s:12.4f}  {row.link:8} {'>' if row.to_module else '<'} {row.data.hex(' ')}\n"
            for row in self.rows
        )
