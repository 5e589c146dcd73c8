"""Pulse input by ADC, for a NAMUR sensor or a contact with resistors: it tells a cut or shorted
cable from an open or closed contact.

A fault is never a pulse, and what the contact did meanwhile is unknown: the level found after it
is taken over without counting. Between "open" and "closed" the last level stays, so that a shift
of both by something else on the cable counts nothing.
"""

import machine
from micropython import const

from converter.hal.level_filter import LevelFilter

_OPEN = const(0)
_CLOSED = const(1)
_CUT = const(2)
_SHORT = const(3)


class PulseSource:
    def __init__(self, gpio, active, thresholds, min_active_us, min_idle_us):
        # active: 1 where the closed contact is the pulse. thresholds, as read_u16 gives them:
        # cut below, open below, closed above, short above.
        self._adc = machine.ADC(gpio)
        self._active = active
        self._thresholds = thresholds
        self._level = active  # found between two levels, an input counts from the next idle
        min_us = (min_active_us, min_idle_us) if active == 0 else (min_idle_us, min_active_us)
        fault_us = max(min_us)
        self._filter = LevelFilter(self._read(), active, min_us + (fault_us, fault_us))
        self.take = self._filter.take

    def _read(self):
        cut, open_, closed, short = self._thresholds
        value = self._adc.read_u16()
        if value < cut:
            self._level = _CUT
        elif value < open_:
            self._level = _OPEN
        elif value > short:
            self._level = _SHORT
        elif value > closed:
            self._level = _CLOSED
        return self._level

    def sample(self):
        # To be called every 5 ms.
        self._filter.sample(self._read())

    def fault(self):
        # 0: sound, 1: cable cut, 2: cable shorted.
        return max(0, self._filter.reached - _CLOSED)

    def level(self):
        return int(self._read() == self._active)

    def close(self):
        pass
