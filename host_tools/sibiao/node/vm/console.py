"""The host's side of the board's console: what the USB chip and its driver do on a board."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable

from sibiao.node.virtual_clock import VirtualClock
from sibiao.node.vm.child import Child
from sibiao.node.vm.loop import Loop

_CTRL_C = b"\x03"
_RUNNING = 1
_RAW = 2
# Raised while the program waits, the interrupt is clean. A program that does not wait is
# interrupted by a signal, between any two instructions of the VM itself.
_PATIENCE_NS = 100_000_000
_RETRY_NS = 5_000_000
_TAIL = 2000


class Console:
    """Bytes to and from the board. `tap`, when set, gets the output instead of `read`."""

    def __init__(self, loop: Loop | VirtualClock, interrupt: Callable[[], None]):
        self.tap: Callable[[bytes], None] | None = None
        self._loop = loop
        self._ask_to_interrupt = interrupt
        self._output = bytearray()
        self._unsent = bytearray()
        self._ends: tuple[int, int] | None = None
        self._child: Child | None = None
        self._running = False
        self._raw = False
        self._interrupts = 0
        self._after_cr = False
        self._tail = b""

    def power_on(self) -> int:
        """An empty input, of which the board gets this end."""
        self.close()
        self._ends = os.pipe()
        os.set_blocking(self._ends[1], False)
        self._raw = False
        return self._ends[0]

    @property
    def board_end(self) -> int:
        return self._ends[0]

    @property
    def is_raw(self) -> bool:
        return self._raw

    def board_started(self, child: Child) -> None:
        self._child = child
        self._running = False

    def board_mode(self, mode: int) -> None:
        self._running = bool(mode & _RUNNING)
        self._raw = bool(mode & _RAW)
        if not self._running:
            self._interrupts += 1

    def board_interrupted(self) -> None:
        self._interrupts += 1

    def write(self, data: bytes) -> None:
        if self._running and _CTRL_C in data:
            # What was typed before an interrupt is thrown away, as on a board.
            self._unsent.clear()
            data = data.rpartition(_CTRL_C)[2]
            self._interrupt()
        self._unsent += data
        self._flush()

    def _flush(self) -> None:
        if self._ends is None:
            return
        try:
            while self._unsent:
                del self._unsent[: os.write(self._ends[1], self._unsent)]
        except BlockingIOError:
            self._loop.call_later(_RETRY_NS, self._flush)

    def _interrupt(self) -> None:
        self._ask_to_interrupt()
        child, number = self._child, self._interrupts

        def insist():
            if self._child is child and self._interrupts == number:
                child.interrupt()

        self._loop.call_later(_PATIENCE_NS, insist)

    def printed(self, data: bytes) -> None:
        if not data:
            return
        if not self._raw:
            # A board's friendly mode ends lines with CR LF.
            lead = data[: self._after_cr and data.startswith(b"\n")]
            data = lead + re.sub(rb"(?<!\r)\n", b"\r\n", data[len(lead) :])
        self._after_cr = data.endswith(b"\r")
        self._tail = (self._tail + data)[-_TAIL:]
        if self.tap:
            self.tap(data)
        else:
            self._output += data

    def read(self) -> bytes:
        data = bytes(self._output)
        self._output.clear()
        return data

    def last_lines(self, count: int = 5) -> str:
        return b"\n".join(self._tail.splitlines()[-count:]).decode(errors="replace")

    def close(self) -> None:
        self._unsent.clear()
        if self._ends:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    os.close(end)
            self._ends = None
