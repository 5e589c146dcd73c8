"""Where bytes are heard: a thread for each port takes them as they come, however busy whoever
shows them is. Nothing is ever sent on a line."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sibiao.board.port import PORT_ERRORS, open_line
from sibiao.errors import SibiaoError
from sibiao.monitor.cutter import Cutter, Ear
from sibiao.monitor.piece import Notice, Piece

_READ_S = 0.1
_TURN_S = 0.05


@dataclass(frozen=True)
class Heard:
    line: str
    direction: str | None
    time_ms: int
    data: bytes


class Clock:
    """Milliseconds since 1970 that go on evenly, whatever is done to the computer's clock."""

    def __init__(self):
        self._start_ns = time.time_ns() - time.monotonic_ns()

    def now_ms(self) -> int:
        return (self._start_ns + time.monotonic_ns()) // 1_000_000


class Tap(Protocol):
    name: str

    def read(self, clock: Clock) -> Iterable[Heard | Notice]:
        """What has come, waiting a moment at most."""
        ...

    def close(self) -> None: ...


class PortTap:
    """A serial port, PTY or socket whose input is wired to the line."""

    def __init__(self, port: str, baud: int, parity: str, direction: str | None = None):
        self.name = port
        self._direction = direction
        self._con = open_line(port, baud, parity)
        self._con.timeout = _READ_S

    def read(self, clock: Clock) -> list[Heard]:
        data = self._con.read(self._con.in_waiting or 1)
        return [Heard("", self._direction, clock.now_ms(), data)] if data else []

    def close(self) -> None:
        self._con.close()


class Listening:
    """`pieces` gives what was cut from all taps' bytes until now."""

    def __init__(self, taps: list[Tap], links: Iterable[str]):
        self.clock = Clock()
        self._links = tuple(links)
        self._taps = taps
        self._heard: queue.SimpleQueue[Heard | Notice | SibiaoError] = queue.SimpleQueue()
        self._over = threading.Event()
        self._ears: dict[str, Ear] = {}
        self._cutters: dict[tuple[str, str | None], Cutter] = {}
        self._threads = [threading.Thread(target=self._listen, args=(tap,)) for tap in taps]
        for thread in self._threads:
            thread.start()

    def pieces(self) -> Iterator[Piece | Notice]:
        """Waits a moment when nothing has come. SibiaoError when a port is gone."""
        try:
            heard = self._heard.get(timeout=_TURN_S)
        except queue.Empty:
            # Only now is it certain that nothing older waits in the queue.
            for cutter in self._cutters.values():
                yield from cutter.quiet(self.clock.now_ms())
            return
        while True:
            if isinstance(heard, SibiaoError):
                raise heard
            yield from self._cut(heard)
            try:
                heard = self._heard.get_nowait()
            except queue.Empty:
                return

    def stop(self) -> Iterator[Piece | Notice]:
        """What is left when nobody listens any longer."""
        self.close()
        while not self._heard.empty():
            heard = self._heard.get()
            if not isinstance(heard, SibiaoError):
                yield from self._cut(heard)
        for cutter in self._cutters.values():
            yield from cutter.end()

    def close(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        for tap in self._taps:
            tap.close()
        self._taps = []

    def _cut(self, heard: Heard | Notice) -> list[Piece | Notice]:
        if isinstance(heard, Notice):
            return [heard]
        return self._cutter(heard).heard(heard.data, heard.time_ms)

    def _cutter(self, heard: Heard) -> Cutter:
        key = heard.line, heard.direction
        if key not in self._cutters:
            ear = self._ears.setdefault(heard.line, Ear(self._links))
            self._cutters[key] = Cutter(*key, ear)
        return self._cutters[key]

    def _listen(self, tap: Tap) -> None:
        try:
            while not self._over.is_set():
                for heard in tap.read(self.clock):
                    self._heard.put(heard)
        except SibiaoError as error:
            self._heard.put(error)
        except PORT_ERRORS as error:
            self._heard.put(
                SibiaoError(f"port {tap.name} is gone ({error}): check the cable and repeat")
            )


@contextmanager
def listening(make: Callable[[], list[Tap]], links: Iterable[str]):
    """With the taps that `make` opens, closed at the end whatever happens."""
    here = Listening(make(), links)
    try:
        yield here
    finally:
        here.close()
