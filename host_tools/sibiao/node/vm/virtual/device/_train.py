"""A pulse train: a reed contact that turns at a steady rate and bounces at each of its edges."""

import random

import _chip
import _clock

_MOST_PAIRS = 4


class Train:
    """Closes and opens `pulses` times. Every edge is followed by 0 to 4 pairs of false ones, the
    last at most `bounce_us` (1000 or less) later. `emitted` counts at the first touch."""

    def __init__(self, pad, active, period_us, start_us, pulses, bounce_us):
        self.emitted = 0
        self.edges = 0
        self._pad = pad
        self._level = 1 - active
        self._half_us = period_us // 2
        self._bounce_us = bounce_us
        self._edges_left = 2 * pulses  # true edges
        self._main_us = start_us - self._half_us
        self._times_us = []  # of the edges to come of this turn, the last first
        self._plan()
        pad.driven = self._level
        _clock.add(self)

    @property
    def done(self):
        return self.due_us == _clock.FAR_US

    def fire(self):
        if self.due_us == self._main_us:
            self.emitted += self._edges_left & 1
        self.edges += 1
        level = self._level = 1 - self._level
        times_us = self._times_us
        if times_us:
            self.due_us = times_us.pop()
        else:
            self._plan()
        _chip.edge(self._pad, level)

    def _plan(self):
        if not self._edges_left:
            self.due_us = _clock.FAR_US
            return
        self._edges_left -= 1
        self.due_us = self._main_us = at_us = self._main_us + self._half_us
        span_us = self._bounce_us
        if not span_us:
            return
        times_us = self._times_us
        for _ in range(random.getrandbits(16) % (_MOST_PAIRS + 1)):
            bits = random.getrandbits(32)
            times_us.append(at_us + 1 + ((bits & 0xFFFF) * span_us >> 16))
            times_us.append(at_us + 1 + ((bits >> 16) * span_us >> 16))
        times_us.sort(reverse=True)
