"""The far end of one of the board's UARTs: two wires, and the socket the board receives from."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import TypeVar

from sibiao.errors import SibiaoError
from sibiao.node.vm.control import ToBoard
from sibiao.node.vm.loop import Loop
from sibiao.node.vm.wire import Character, LineSettings, Parity, Wire

_BOARD_SETTINGS = struct.Struct("<IBBBH")
_REPORT_EVERY = 16
_PARITIES: tuple[Parity, ...] = ("N", "O", "E")

AnyLine = TypeVar("AnyLine")


def line_of(lines: dict[int, AnyLine], uart: int) -> AnyLine:
    """One of a node's lines."""
    if uart not in lines:
        known = ", ".join(str(u) for u in lines)
        raise SibiaoError(f"The node has no UART {uart}; it has {known}.")
    return lines[uart]


def board_settings(data: bytes) -> tuple[LineSettings | None, int]:
    """As the board tells them, None for a UART that is off, and the receiver's room in bytes."""
    baud, bits, parity, stop, room = _BOARD_SETTINGS.unpack(data)
    return LineSettings(baud, _PARITIES[parity], bits, stop) if baud else None, room


class VmLine:
    """A `Line`. Until `settings` is called the far end has 9600 baud, even parity.

    A byte that reaches the far end with a parity or framing error is dropped there, as a meter
    would; the board gets it as its chip does: the byte as sampled, breaks left out.
    """

    def __init__(self, loop: Loop, uart: int, tell_board: Callable[[ToBoard, int, int], None]):
        self.on_byte: Callable[[int], None] | None = None
        self.bytes_overrun = 0
        self._uart = uart
        self._tell_board = tell_board
        self._socket: socket.socket | None = None
        self._room = 0
        self._unread = 0
        self._from_board = Wire(loop, self._at_far_end, self._report_transmitted)
        self._to_board = Wire(loop, self._at_board, lambda: None)
        self.settings(9600)

    def settings(self, baud: int, parity: Parity = "E") -> None:
        far_end = LineSettings(baud, parity)
        self._to_board.sender = far_end
        self._from_board.receiver = far_end

    def send(self, data: bytes) -> None:
        self._to_board.send(data)

    def board_started(self, end: socket.socket) -> None:
        self._socket = end

    def board_stopped(self) -> None:
        self._from_board.reset()
        self._configure(None)
        self._unread = 0
        if self._socket:
            self._socket.close()
            self._socket = None

    def board_configured(self, data: bytes) -> None:
        settings, self._room = board_settings(data)
        self._configure(settings)

    def board_sent(self, data: bytes) -> None:
        self._from_board.send(data)

    def board_read(self, count: int) -> None:
        self._unread = max(0, self._unread - count)

    def _configure(self, settings: LineSettings | None) -> None:
        self._from_board.sender = settings
        self._to_board.receiver = settings

    def _at_far_end(self, character: Character) -> None:
        if self.on_byte and character.is_clean:
            self.on_byte(character.byte)
        if self._from_board.gone % _REPORT_EVERY == 0:
            self._report_transmitted()

    def _report_transmitted(self) -> None:
        self._tell_board(ToBoard.TRANSMITTED, self._uart, self._from_board.gone)

    def _at_board(self, character: Character) -> None:
        if character.is_break or self._socket is None:
            return
        if self._unread >= self._room:
            self.bytes_overrun += 1
            return
        self._socket.send(bytes((character.byte,)))
        self._unread += 1
