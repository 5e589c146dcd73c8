"""Keeps the tasks alive: restarts one that ends, and feeds the watchdog only while all check in.

Every task calls its `beat` whenever it wakes. That says two things: that it lives, and that it is
the one running now, which after a watchdog reset tells which task hung.
"""

import asyncio
import sys
import time

from micropython import const

from converter.hal import power
from converter.model import events

_LOOK_MS = const(500)
_SILENT_MS = const(5000)  # a task that has not checked in for this long is hung
_RESTART_MS = const(200)
_STEADY_BEATS = const(3)


class _Beat:
    def __init__(self, number):
        self.number = number
        self.last_ms = time.ticks_ms()
        self.count = 0

    def __call__(self):
        self.last_ms = time.ticks_ms()
        self.count = (self.count + 1) & 0xFFFF
        power.running(self.number)


class Supervisor:
    def __init__(self, record_event):
        # record_event(code, detail)
        self._record_event = record_event
        self._beats = []
        self._names = []
        self.ended = 0  # tasks that had to be restarted since the start

    def name(self, number):
        return self._names[number - 1] if 0 < number <= len(self._names) else None

    def start(self, name, run):
        # run(beat) -> coroutine, made anew for each restart. Tasks are numbered from 1.
        beat = _Beat(len(self._beats) + 1)
        self._beats.append(beat)
        self._names.append(name)
        asyncio.create_task(self._keep(name, run, beat))

    async def _keep(self, name, run, beat):
        while True:
            code = events.TASK_ENDED
            try:
                beat()
                await run(beat)
            except MemoryError:
                code = events.TASK_OUT_OF_MEMORY
            except Exception as error:
                sys.print_exception(error)
            self.ended += 1
            self._record_event(code, beat.number)
            await asyncio.sleep_ms(_RESTART_MS)

    def steady(self):
        # Whether every task has woken a few times and none has ended: the trial's self-test.
        if self.ended:
            return False
        for beat in self._beats:
            if beat.count < _STEADY_BEATS:
                return False
        return True

    def silent(self):
        # Number of a task that has not checked in for too long, 0 when all are alive.
        now = time.ticks_ms()
        for beat in self._beats:
            if time.ticks_diff(now, beat.last_ms) > _SILENT_MS:
                return beat.number
        return 0

    async def run(self, watchdog, on_hung):
        # Feeds the watchdog until a task is silent; then on_hung(number), which should restart
        # the node. Should it not, the watchdog does.
        while True:
            hung = self.silent()
            if hung:
                on_hung(hung)
                return
            watchdog.feed()
            await asyncio.sleep_ms(_LOOK_MS)
