"""The far end of a UART of the node in virtual time."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Literal

from sibiao.node.virtual_clock import VirtualClock
from sibiao.node.vm.line import board_settings
from sibiao.node.vm.virtual.child import SEND, SETTINGS, Child
from sibiao.node.vm.wire import Character, LineSettings, Wire

_PARITIES = {"N": 0, "O": 1, "E": 2}


class VirtualLine:
    """A `Line`. Until `settings` is called the far end has 2400 baud, even parity. What either
    end is sending when the board stops is lost; a byte that reaches the far end with a parity or
    framing error is dropped there."""

    def __init__(self, uart: int, clock: VirtualClock):
        self.on_byte: Callable[[int], None] | None = None
        self._uart = uart
        self._child: Child | None = None
        self._from_board = Wire(clock, self._arrived, lambda: None)
        self.settings(2400)

    def settings(self, baud: int, parity: Literal["N", "E", "O"] = "E") -> None:
        self._from_board.receiver = LineSettings(baud, parity)
        self._tell_settings()

    def send(self, data: bytes) -> None:
        if self._child:
            self._child.tell(SEND, self._uart, bytes(data))

    def board_started(self, child: Child) -> None:
        self._child = child
        self._tell_settings()

    def board_stopped(self) -> None:
        self._child = None
        self._from_board.reset()

    def board_configured(self, data: bytes) -> None:
        self._from_board.sender, _ = board_settings(data)

    def board_sent(self, data: bytes) -> None:
        self._from_board.send(data)

    def _tell_settings(self) -> None:
        if self._child:
            ours = self._from_board.receiver
            data = struct.pack("<IB", ours.baud, _PARITIES[ours.parity])
            self._child.tell(SETTINGS, self._uart, data)

    def _arrived(self, character: Character) -> None:
        if self.on_byte and character.is_clean:
            self.on_byte(character.byte)
