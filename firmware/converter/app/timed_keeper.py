"""A record keeper whose commits are counted and timed: an erase stops the whole processor."""

import time


class TimedKeeper:
    def __init__(self, keeper, slow_ms):
        # slow_ms: a commit that takes longer may have cost bytes on the uplink.
        self._keeper = keeper
        self.slow_ms = slow_ms
        self.load = keeper.load
        self.commits = 0
        self.slow = 0
        self.longest_ms = 0

    def commit(self, name, data):
        start = time.ticks_ms()
        self._keeper.commit(name, data)
        took_ms = time.ticks_diff(time.ticks_ms(), start)
        self.commits += 1
        self.slow += took_ms > self.slow_ms
        self.longest_ms = max(self.longest_ms, took_ms)
