"""Pulse inputs: take what the sources counted, judge what it means, commit when the line rests."""

import asyncio
import time

from micropython import const

from converter.hal import power
from converter.model import events

_TAKE_MS = const(100)
_SAMPLE_MS = const(5)  # of sources that are polled
_JUDGE_MS = const(1000)


class PulseTask:
    def __init__(self, inputs, sampled, now_s, record_event):
        # inputs: all of them; sampled: those whose sources must be looked at between.
        self.inputs = inputs
        self._sampled = sampled
        self._now_s = now_s
        self._record_event = record_event
        self._taken_ms = time.ticks_ms()
        self._unjudged_ms = 0

    async def run(self, beat):
        while True:
            beat()
            self._take()
            if not self._sampled:
                await asyncio.sleep_ms(_TAKE_MS)
                continue
            for _ in range(_TAKE_MS // _SAMPLE_MS):
                for each in self._sampled:
                    each.sample()
                await asyncio.sleep_ms(_SAMPLE_MS)

    def _take(self):
        now_ms = time.ticks_ms()
        elapsed_ms = time.ticks_diff(now_ms, self._taken_ms)
        self._taken_ms = now_ms
        self._unjudged_ms += elapsed_ms
        judged_s = self._unjudged_ms // _JUDGE_MS
        self._unjudged_ms -= judged_s * _JUDGE_MS
        for each in self.inputs:
            each.step(elapsed_ms)
            if judged_s:
                each.judge(judged_s)

    def commit_due(self):
        # In the uplink's rest.
        now = self._now_s()
        for each in self.inputs:
            if not each.lost and each.kept.due(now):
                self._commit(each)

    def commit_all(self):
        # The last thing before a wanted reset, and the first when the supply fails.
        for each in self.inputs:
            each.step(0)
            kept = each.kept
            if not each.lost and (kept.uncommitted or kept.dirty or kept.alarms.dirty):
                self._commit(each)

    def _commit(self, each):
        try:
            each.commit()
            if each.failing:
                each.failing = False
                power.unkept(self._is_failing())
        except OSError as error:
            # Tried again and again, told once.
            if not each.failing:
                each.failing = True
                power.unkept(True)
                self._record_event(events.COMMIT_FAILED, error.errno or 0, each.number)

    def _is_failing(self):
        for each in self.inputs:
            if each.failing:
                return True
        return False
