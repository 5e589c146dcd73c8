"""A `Clock` whose time passes only when it is told to."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from sibiao.node.contract import Cancel


class VirtualClock:
    """`run` jumps from one time asked for to the next; what is due together keeps its order."""

    def __init__(self):
        self.now_ns = 0
        self._due: list = []
        self._order = itertools.count()

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Cancel:
        return self.call_at(self.now_ns + delay_ns, callback)

    def call_at(self, time_ns: int, callback: Callable[[], None]) -> Cancel:
        entry = [time_ns, next(self._order), callback]
        heapq.heappush(self._due, entry)

        def cancel() -> None:
            entry[2] = None

        return cancel

    def next_ns(self, limit_ns: int) -> int:
        """When something is due next, at the latest `limit_ns`."""
        while self._due and self._due[0][2] is None:
            heapq.heappop(self._due)
        return min(self._due[0][0], limit_ns) if self._due else limit_ns

    def run(self, span_ns: int) -> None:
        self.run_until(lambda: False, span_ns)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        end_ns = self.now_ns + limit_ns
        while not done():
            if not self._due or self._due[0][0] > end_ns:
                self.now_ns = end_ns
                return False
            self.now_ns, _, callback = heapq.heappop(self._due)
            if callback:
                callback()
        return True
