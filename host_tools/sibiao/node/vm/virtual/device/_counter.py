"""machine.Counter of an ESP32: a counting unit with one filter for both levels."""

import _bench
import _pin
import _pose

import _clock


class Counter:
    RISING = 1
    FALLING = 2

    def __init__(self, id, src, *, edge=RISING, filter_ns=0):
        if not 0 <= id < _pose.counters:
            raise ValueError("Counter(%r) doesn't exist" % (id,))
        self._pad = _pin._pad(src)
        self._wanted = 1 if edge == Counter.RISING else 0
        self._filter_us = filter_ns // 1000
        self._reached = self._level = self._pad.level()
        self._since_us = _clock.now_us
        self._count = 0
        self._pad.counter = self

    def edge(self, level):
        """The pin has another level."""
        self._judge()
        self._level = level
        self._since_us = _clock.now_us

    def _judge(self):
        held_us = _clock.now_us - self._since_us
        if self._level != self._reached and held_us >= self._filter_us:
            self._reached = self._level
            self._count += self._level == self._wanted

    def value(self, new=None):
        _bench.pump()
        self._judge()
        count = self._count
        if new is not None:
            self._count = new
        return count

    def deinit(self):
        self._pad.counter = None
