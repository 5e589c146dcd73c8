"""One worker a port. What they tell comes out of one queue, so nothing interleaves."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sibiao.board.prompt import BRINGING, RESTARTS
from sibiao.tray.job import Stopped, Wanted
from sibiao.tray.result import Result
from sibiao.tray.work import work


@dataclass(frozen=True)
class Told:
    """What a worker does now. `total`: bytes, 0 while there is nothing to count."""

    port: str
    what: str
    done: int
    total: int


class Tray:
    """`ports`: port as named -> path by which it is reached."""

    def __init__(self, wanted: Wanted, ports: dict[str, str]):
        self._wanted = wanted
        self._told: queue.Queue[Told | Result] = queue.Queue()
        self._stop = threading.Event()
        self._left = set(ports)
        for port, way in ports.items():
            threading.Thread(target=self._work, args=(port, way), daemon=True).start()

    def told(self, wait_s: float) -> Iterator[Told | Result]:
        """What there is to tell, as it comes; ends when nothing came for so long, and with the
        last board's result."""
        while self._left:
            try:
                told = self._told.get(timeout=wait_s)
            except queue.Empty:
                return
            if isinstance(told, Result):
                self._left.discard(told.port)
            yield told

    @property
    def is_at_work(self) -> bool:
        return bool(self._left)

    def stop(self) -> None:
        """Every board is let go of as soon as it may be left alone."""
        self._stop.set()

    def _work(self, port: str, way: str) -> None:
        last = None

        def progress(what: str, done: int, total: int) -> None:
            nonlocal last
            if self._stop.is_set() and not what.startswith((RESTARTS, BRINGING)):
                raise Stopped
            if (what, done, total) != last:
                last = what, done, total
                self._told.put(Told(port, *last))

        self._told.put(work(self._wanted, port, way, progress))


@contextmanager
def ended_by_ctrl_c(tray: Tray, note: Callable[[str], None]) -> Iterator[None]:
    """The first one stops the tray, the next one is what it always is. Not by an exception: one
    could cost us a result that has just come."""
    if threading.current_thread() is not threading.main_thread():
        yield  # the signal goes to that one
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(*_) -> None:
        signal.signal(signal.SIGINT, before)
        tray.stop()
        note("Ending: each board is let go as soon as it runs. Ctrl-C again leaves at once.")

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
