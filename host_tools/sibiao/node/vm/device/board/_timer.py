"""machine.Timer, as exact as the program's waits are frequent."""

import sys
import time

import _bench
import _pose

_NUMBERS = {"esp32": range(4)}


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=-1, **kwargs):
        if id not in _NUMBERS.get(_pose.platform, (-1,)):
            raise ValueError("Timer(%r) doesn't exist" % (id,))
        if kwargs:
            self.init(**kwargs)

    def init(self, *, mode=PERIODIC, freq=-1, period=-1, callback=None, hard=False):
        self.deinit()
        self._period_ms = max(1, int(1000 / freq) if freq > 0 else period)
        self._mode = mode
        self._callback = callback
        self.due_ms = time.ticks_add(time.ticks_ms(), self._period_ms)
        _bench.alarms.append(self)

    def deinit(self):
        if self in _bench.alarms:
            _bench.alarms.remove(self)

    def fire(self):
        if self._mode == Timer.PERIODIC:
            self.due_ms = time.ticks_add(self.due_ms, self._period_ms)
        else:
            self.deinit()
        try:
            if self._callback:
                self._callback(self)
        except Exception as error:
            sys.print_exception(error)
