"""Pulse input that is looked at: for pins without interrupts, and meters that pulse slowly.

A level that is shorter than the time between two samples may go unseen, whatever the filter.
"""

import machine

from converter.hal.level_filter import LevelFilter


class PulseSource:
    def __init__(self, gpio, active, pull_up, min_active_us, min_idle_us):
        # active: the level of a pulse, 0 or 1.
        pull = machine.Pin.PULL_UP if pull_up else None
        self._pin = machine.Pin(gpio, machine.Pin.IN, pull)
        self._active = active
        min_us = (min_active_us, min_idle_us) if active == 0 else (min_idle_us, min_active_us)
        self._filter = LevelFilter(self._pin(), active, min_us)
        self.take = self._filter.take

    def sample(self):
        # To be called every 5 ms.
        self._filter.sample(self._pin())

    def level(self):
        return int(self._pin() == self._active)

    def close(self):
        pass
