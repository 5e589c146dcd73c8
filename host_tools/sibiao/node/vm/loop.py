"""The host's side of time: one selector, one heap of timers, real (monotonic) nanoseconds."""

from __future__ import annotations

import heapq
import selectors
import time
from collections.abc import Callable
from itertools import count

from sibiao.errors import SibiaoError
from sibiao.node.contract import Cancel

_S = 1_000_000_000
# `done` may depend on what the selector does not see, another process for instance.
_LOOK_AGAIN_NS = 10_000_000


class Loop:
    """A `Clock` whose callbacks happen inside `run_until`, in the calling thread."""

    def __init__(self):
        # select() takes microseconds; poll and epoll round up to milliseconds, longer than a
        # byte at 9600 baud.
        self._selector = selectors.SelectSelector()
        self._timers: list[tuple[int, int, list[Callable[[], None]]]] = []
        self._order = count()
        self._origin_ns = time.monotonic_ns()
        self._running = False

    @property
    def now_ns(self) -> int:
        return time.monotonic_ns() - self._origin_ns

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Cancel:
        return self.call_at(self.now_ns + delay_ns, callback)

    def call_at(self, time_ns: int, callback: Callable[[], None]) -> Cancel:
        pending = [callback]
        heapq.heappush(self._timers, (time_ns, next(self._order), pending))
        return pending.clear

    def watch(self, fd: int, readable: Callable[[], None]) -> None:
        self._selector.register(fd, selectors.EVENT_READ, readable)

    def unwatch(self, fd: int) -> None:
        self._selector.unregister(fd)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        if self._running:
            raise SibiaoError("The node is running already: a simulator's callback must not wait.")
        end_ns = self.now_ns + limit_ns
        self._running = True
        try:
            while not done():
                now_ns = self.now_ns
                if now_ns >= end_ns:
                    return False
                self._turn(now_ns, end_ns)
            return True
        finally:
            self._running = False

    def _turn(self, now_ns: int, end_ns: int) -> None:
        wake_ns = min(end_ns, now_ns + _LOOK_AGAIN_NS)
        if self._timers:
            wake_ns = min(wake_ns, self._timers[0][0])
        for key, _ in self._selector.select(max(0, wake_ns - now_ns) / _S):
            # A callback may have unwatched what is still to come in this turn, and its number may
            # be in use again.
            if self._selector.get_map().get(key.fd) is key:
                key.data()
        now_ns = self.now_ns
        while self._timers and self._timers[0][0] <= now_ns:
            pending = heapq.heappop(self._timers)[2]
            if pending:
                pending.pop()()

    def close(self) -> None:
        self._timers.clear()
        self._selector.close()
