"""The chip's watchdog, kept by the host: it bites a board that has not fed it in time."""

from __future__ import annotations

from collections.abc import Callable

from sibiao.node.vm.loop import Loop

_MS = 1_000_000


class Watchdog:
    """Counts only while the node runs: the board could not be heard otherwise."""

    def __init__(self, loop: Loop, bite: Callable[[], None]):
        self._loop = loop
        self._bite = bite
        self._timeout_ns = 0
        self._deadline_ns = 0
        self._left_at_ns: int | None = 0
        self._timer_set = False

    def start(self, timeout_ms: int) -> None:
        self._timeout_ns = timeout_ms * _MS
        self.feed()
        self._set_timer()

    def feed(self) -> None:
        self._deadline_ns = self._loop.now_ns + self._timeout_ns

    def stop(self) -> None:
        self._timeout_ns = 0

    def resume(self) -> None:
        if self._left_at_ns is not None:
            self._deadline_ns += self._loop.now_ns - self._left_at_ns
            self._left_at_ns = None

    def pause(self) -> None:
        self._left_at_ns = self._loop.now_ns

    def _set_timer(self) -> None:
        # One timer that looks at the deadline when it rings, not one for every feed.
        if not self._timer_set:
            self._timer_set = True
            self._loop.call_at(self._deadline_ns, self._look)

    def _look(self) -> None:
        self._timer_set = False
        if not self._timeout_ns:
            return
        if self._loop.now_ns < self._deadline_ns:
            self._set_timer()
            return
        self.stop()
        self._bite()
