"""One of the board's I2C buses: each message the board asks for takes its time on the bus."""

from __future__ import annotations

import struct
from collections.abc import Callable

from sibiao.errors import SibiaoError
from sibiao.node.contract import I2cDevice
from sibiao.node.i2c_bus import I2cBus
from sibiao.node.virtual_clock import VirtualClock
from sibiao.node.vm.control import ToBoard
from sibiao.node.vm.loop import Loop

# Number of the question, address, flags, bytes to read, frequency; then the bytes to write.
_QUESTION = struct.Struct("<BBBHI")
_READ, _STOP = 1, 2
_NOT_ACKNOWLEDGED = 0xFFFF
_NS_PER_S = 1_000_000_000


def attach(buses: dict[int, I2c], bus: int, address: int, device: I2cDevice | None) -> None:
    """Put a chip on one of a node's buses."""
    if bus not in buses:
        there = " and ".join(map(str, buses)) or "none"
        raise SibiaoError(f"The node has no I2C bus {bus}; it has {there}.")
    buses[bus].bus.attach(address, device)


class I2c:
    def __init__(self, loop: Loop | VirtualClock, tell_board: Callable[[ToBoard, int, int], None]):
        self.bus = I2cBus()
        self._loop = loop
        self._tell_board = tell_board
        self._starts = 0

    def board_stopped(self) -> None:
        self.bus.break_off()
        self._starts += 1

    def board_asked(self, question: bytes) -> None:
        number, address, flags, to_read, hz = _QUESTION.unpack_from(question)
        data = question[_QUESTION.size :]
        acknowledged, answer = passed(self.bus, address, flags, data, to_read)
        span_ns = span(flags, data, answer, hz)
        start = self._starts
        self._loop.call_later(span_ns, lambda: self._answer(start, number, acknowledged, answer))

    def _answer(self, start: int, number: int, acknowledged: int, data: bytes) -> None:
        if start != self._starts:
            return  # the board that asked is no more
        padded = data + bytes(-len(data) % 3)
        for i in range(0, len(padded), 3):
            self._tell_board(ToBoard.ANSWER_DATA, padded[i], padded[i + 1] | padded[i + 2] << 8)
        self._tell_board(ToBoard.ANSWER, number, acknowledged)


def passed(bus: I2cBus, address: int, flags: int, data: bytes, to_read: int) -> tuple[int, bytes]:
    """One message on the bus: the bytes acknowledged, and what was read."""
    read = bool(flags & _READ)
    if not bus.start(address, read):
        bus.stop()
        return _NOT_ACKNOWLEDGED, b""
    answer = bytes(bus.read() for _ in range(to_read)) if read else b""
    acknowledged = 0
    for byte in data:
        if not bus.write(byte):
            bus.stop()
            return acknowledged, b""
        acknowledged += 1
    if flags & _STOP:
        bus.stop()
    return acknowledged, answer


def span(flags: int, data: bytes, answer: bytes, hz: int) -> int:
    """How long that takes, in ns: start and stop about a bit each, the address and each byte 9."""
    return (11 + 9 * len(answer if flags & _READ else data)) * _NS_PER_S // hz
