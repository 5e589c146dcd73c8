"""Pulse input by pin interrupt, for boards without a counting peripheral.

Every kind of pulse source has the same filter: a level counts as reached when it has held for its
minimum width, set separately for the two levels; reaching the active level is one pulse. Edges
that come quicker than an interrupt can be served merge, which the filter takes for bounce.
"""

import time

import machine

from converter.hal import chip


class PulseSource:
    def __init__(self, gpio, active, pull_up, min_active_us, min_idle_us):
        # active: the level of a pulse, 0 or 1. Widths in microseconds, 0..2**28.
        pull = machine.Pin.PULL_UP if pull_up else None
        self._pin = machine.Pin(gpio, machine.Pin.IN, pull)
        self._active = active
        self._min_us = (
            (min_active_us, min_idle_us) if active == 0 else (min_idle_us, min_active_us)
        )
        self._ticks_us = time.ticks_us
        self._ticks_diff = time.ticks_diff
        level = self._pin()
        self._level = level  # as of the last edge
        self._reached = level  # what the filter holds for true
        self._since_us = time.ticks_us()
        self._edges = 0  # pulses since take(); stays far below 2**30
        self._handler = self._edge  # bound once: binding allocates, an interrupt may not
        edges = machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING
        if chip.HARD_INTERRUPTS:
            self._pin.irq(self._handler, edges, hard=True)
        else:
            self._pin.irq(self._handler, edges)

    def _edge(self, pin):
        # Interrupt: no allocation, small numbers only. Judges the level that has just ended.
        now = self._ticks_us()
        ended = self._level
        if ended != self._reached and self._ticks_diff(now, self._since_us) >= self._min_us[ended]:
            self._reached = ended
            if ended == self._active:
                self._edges += 1
        self._level = pin()
        self._since_us = now

    def take(self):
        # Pulses since the last call. To be called at least every four minutes, so that a level
        # that stays is judged before ticks_us() wraps.
        state = machine.disable_irq()
        level = self._level
        if (
            level != self._reached
            and self._ticks_diff(self._ticks_us(), self._since_us) >= self._min_us[level]
        ):
            self._reached = level
            if level == self._active:
                self._edges += 1
        n = self._edges
        self._edges = 0
        machine.enable_irq(state)
        return n

    def level(self):
        return int(self._pin() == self._active)

    def close(self):
        self._pin.irq(None)
