"""Ports of boards that share one USB full-speed bus.

USB 2.0, 5.8.4, table 5-9: at most 19 bulk packets of 64 bytes in a frame of 1 ms, so 1 216 000
bytes a second. CDC data goes by bulk transfers, the boards that we flash are full-speed devices,
and a hub with one transaction translator gives all its boards together no more than one such bus.
That is the worst tray there is; a request and its answer also take at least a frame each.
"""

import os
import threading
import time

from sibiao.node.vm.serve import ConsolePty

FRAME_NS = 1_000_000
PACKET_BYTES = 64
PACKETS_A_FRAME = 19


class UsbBus:
    """`take(n)`: so many packets, at most n, may still go in this frame."""

    def __init__(self):
        self._lock = threading.Lock()
        self._frame = 0
        self._left = 0

    def take(self, wanted):
        with self._lock:
            frame = time.monotonic_ns() // FRAME_NS
            if frame != self._frame:
                self._frame, self._left = frame, PACKETS_A_FRAME
            granted = min(wanted, self._left)
            self._left -= granted
            return granted


def _next_frame_ns():
    return FRAME_NS - time.monotonic_ns() % FRAME_NS


class Turns:
    """Bytes that went through, and whose turn it was: the board's is from the first byte to it
    after it had spoken until it has spoken its last."""

    def __init__(self, now_ns=time.monotonic_ns):
        self._now_ns = now_ns
        self.clear()

    def clear(self):
        self.to_board = self.to_host = 0
        self.of_board = []  # (from, until), ns of the system's monotonic clock
        self._asked = self._spoke = None

    def came(self, size):
        self.to_board += size
        if self._spoke is not None:
            self.of_board.append((self._asked, self._spoke))
            self._asked = self._spoke = None
        if self._asked is None:
            self._asked = self._now_ns()

    def went(self, size):
        self.to_host += size
        if self._asked is not None:
            self._spoke = self._now_ns()

    def board_s(self, until_ns):
        return sum(until - since for since, until in self.of_board if until <= until_ns) / 1e9


class UsbPort(ConsolePty):
    """A board's port."""

    def __init__(self, node, bus, turns):
        self._bus = bus
        self._turns = turns
        self._waiting = bytearray()
        self._is_watched = True
        super().__init__(node)

    def close(self):
        if not self._is_watched:
            self._watch()
        super().close()

    def _from_port(self):
        # As many packets as are granted are taken out of the terminal; the rest stays there.
        granted = self._bus.take(1)
        if granted:
            data = os.read(self._host_end, PACKET_BYTES)
            self._turns.came(len(data))
            self._node.console_write(data)
        if not granted:
            self._node.clock.unwatch(self._host_end)
            self._is_watched = False
            self._node.clock.call_later(_next_frame_ns(), self._watch)

    def _watch(self):
        if not self._closed and not self._is_watched:
            self._is_watched = True
            self._node.clock.watch(self._host_end, self._from_port)

    def _to_port(self, data):
        is_first = not self._waiting
        self._waiting += data
        if is_first:
            self._node.clock.call_later(_next_frame_ns(), self._in_frame)

    def _in_frame(self):
        if self._closed or not self._waiting:
            return
        granted = self._bus.take(-(-len(self._waiting) // PACKET_BYTES)) * PACKET_BYTES
        piece = bytes(self._waiting[:granted])
        del self._waiting[:granted]
        self._turns.went(len(piece))
        super()._to_port(piece)
        if self._waiting:
            self._node.clock.call_later(_next_frame_ns(), self._in_frame)
