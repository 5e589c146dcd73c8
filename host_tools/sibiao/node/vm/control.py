"""The control channel as the host sees it; its other end is `device/board/_bench.py`.

Messages are a kind, an index and a 16-bit value; some kinds are followed by that many bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple


class FromBoard(IntEnum):
    PIN = 0x50
    TRANSMIT = 0x55
    UART_SETTINGS = 0x43
    RECEIVED = 0x72
    WATCHDOG = 0x57
    FEED = 0x46
    RESET = 0x52
    SOFT_RESET = 0x53
    CONSOLE_MODE = 0x4B
    SCRATCH = 0x4D
    CLOCK = 0x44
    FLASH_CUT = 0x58
    INTERRUPTED = 0x49
    I2C = 0x69


class ToBoard(IntEnum):
    EDGE = 0x45
    TRANSMITTED = 0x54
    INTERRUPT = 0x49
    CUT_FLASH_AFTER = 0x5A
    ANALOG = 0x41
    ANSWER_DATA = 0x64
    ANSWER = 0x61


_WITH_DATA = {
    FromBoard.TRANSMIT,
    FromBoard.UART_SETTINGS,
    FromBoard.SCRATCH,
    FromBoard.CLOCK,
    FromBoard.I2C,
}
_HEADER = struct.Struct("<BBH")


class Message(NamedTuple):
    kind: FromBoard
    index: int
    value: int
    data: bytes


def pack(kind: ToBoard, index: int, value: int) -> bytes:
    return _HEADER.pack(kind, index, value)


class Parser:
    """Cuts what comes through the pipe into messages."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            number, index, value = _HEADER.unpack_from(self._buffer)
            kind = FromBoard(number)
            size = _HEADER.size + (value if kind in _WITH_DATA else 0)
            if len(self._buffer) < size:
                return
            body = bytes(self._buffer[_HEADER.size : size])
            del self._buffer[:size]
            yield Message(kind, index, value, body)
