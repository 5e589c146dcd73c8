"""A line whose every byte is told, for the log of a stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from sibiao.node.contract import Line

# Whether it went to the module, and the bytes.
Tell = Callable[[bool, bytes], None]


class NotedLine:
    """A `Line` over another."""

    def __init__(self, line: Line, tell: Tell):
        self.on_byte: Callable[[int], None] | None = None
        self._line = line
        self._tell = tell
        line.on_byte = self._heard

    def settings(self, baud: int, parity: Literal["N", "E", "O"] = "E") -> None:
        self._line.settings(baud, parity)

    def send(self, data: bytes) -> None:
        self._tell(True, bytes(data))
        self._line.send(data)

    def _heard(self, byte: int) -> None:
        self._tell(False, bytes((byte,)))
        if self.on_byte:
            self.on_byte(byte)
