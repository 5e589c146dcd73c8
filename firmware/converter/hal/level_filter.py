"""The filter of the pulse sources that are sampled; see `pulse_irq` for its rule.

Levels are small numbers from 0: 0 and 1 are the contact's, any others are faults of its cable.
"""

import time


class LevelFilter:
    def __init__(self, level, active, min_us):
        # min_us: the minimum width of each level.
        self._level = level  # as last sampled
        self._since_us = time.ticks_us()
        self._active = active
        self._min_us = min_us
        self.reached = level
        self._pulses = 0

    def sample(self, level):
        now = time.ticks_us()
        if level != self._level:
            self._level = level
            self._since_us = now
        if level != self.reached and time.ticks_diff(now, self._since_us) >= self._min_us[level]:
            # Only the way from the idle level to the active one is a pulse.
            if level == self._active and self.reached == 1 - level:
                self._pulses += 1
            self.reached = level

    def take(self):
        n = self._pulses
        self._pulses = 0
        return n
