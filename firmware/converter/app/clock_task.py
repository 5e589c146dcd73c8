"""The time of day: from the clock chip, told to the registers, and the freezes that hang on it."""

import asyncio

from micropython import const

from converter.model import alarms, events
from converter.model.clock import Clock

_STEP_MS = const(500)
_FOLLOW_S = const(3600)  # the crystal may be 0.2 s off after so long

_FORWARDS = const(0)
_BACKWARDS = const(1)
_UNKNOWN = const(2)


class ClockTask:
    def __init__(self, node, rtc):
        # rtc: a clock chip of hal, or None. Its time is taken over at once.
        self._node = node
        self._rtc = rtc
        self._clock = Clock()
        self._followed_s = 0
        if rtc:
            self._clock.follow(rtc.read(), node.now_s())

    def now_s(self):
        # Seconds since 2000, 0 unknown.
        return self._clock.now_s(self._node.now_s())

    def set(self, seconds):
        # By somebody who knows, to a time that model.calendar gave.
        before = self.now_s()
        self._tell(self._clock.set(seconds, self._node.now_s()), before)
        if self._rtc:
            self._rtc.write(seconds)

    async def run(self, beat):
        node = self._node
        while True:
            beat()
            uptime = node.now_s()
            if self._rtc and uptime - self._followed_s >= _FOLLOW_S:
                self._followed_s = uptime
                self._follow()
            now = self.now_s()
            # Without a chip, only a clock that was right before can be lost.
            lost = not now and (self._rtc or node.kept_events.alive_s)
            if node.kept_events.alarms.judge(alarms.CLOCK_LOST, lost, 0):
                node.record_event(events.CLOCK_LOST, 0)
            node.freezer.look(now)
            node.look()
            await asyncio.sleep_ms(_STEP_MS)

    def _follow(self):
        before = self.now_s()
        self._tell(self._clock.follow(self._rtc.read(), self._node.now_s()), before)

    def _tell(self, step_s, before_s):
        # Totals are stamped anew: by a stamp from the future, a gap would look too short.
        if step_s != 0 and self._node.pulses:
            for each in self._node.pulses.inputs:
                each.kept.dirty = True
        # The step is an event, with the time before it: what was recorded then was timed so.
        if step_s:
            way = _FORWARDS if step_s > 0 else _BACKWARDS
            self._node.record_event(events.CLOCK_SET, way, abs(step_s), before_s)
        elif step_s is None:
            self._node.record_event(events.CLOCK_SET, _UNKNOWN)
