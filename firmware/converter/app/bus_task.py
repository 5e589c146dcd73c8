"""The meter bus: ask each meter in turn, publish what it answers, say when it is silent.

How a meter is asked is its link's (app.poll_*), with one contract: `meter(...)` keeps what the
configuration says of it, `ask(meter, beat, fresh)` gives a verdict of link.master, and after DONE
`read(meter, point, now_s)` publishes all or, when the answer does not hold it, nothing.
"""

import asyncio

from micropython import const

from converter.link import master
from converter.model import events
from converter.model import point as status
from converter.model.plausible import Index

_STEP_MS = const(1000)
_IDLE_MS = const(30)  # the line rests between frames


class BusMeter:
    def __init__(self, point, number, line, index, alarms, link, asked):
        # number: of the point, for events. index: arguments of model.plausible.Index, or None.
        # alarms: rows of model.meter_alarms, or nothing.
        self.point = point
        self.number = number
        self.line = line
        self.index = Index(*index) if index else None
        self.alarms = None
        if alarms:
            from converter.model.meter_alarms import MeterAlarms

            self.alarms = MeterAlarms(alarms)
        self.link = link
        self.asked = asked
        self.pause = 1  # rounds from one poll to the next
        self.left = 1  # rounds until the next one


class BusTask:
    def __init__(self, node, port, settle_ms, schedule, seed, meters):
        # schedule: seconds between rounds, seconds that a round may be late, rounds that a silent
        # meter is left alone at most. seed: of this board, so that no two keep step.
        self._now_s = node.now_s
        self._record_event = node.record_event
        self._port = port
        self._settle_ms = settle_ms
        self._every_s, self._jitter_s, self._longest_pause = schedule
        self._chance = seed & 0xFFFFFF
        self._meters = meters
        self.silent = 0  # meters that did not answer last time

    async def run(self, beat):
        begin_s = self._now_s()
        while True:
            await self._wait_until(begin_s + self._late(), beat)
            begin_s = self._now_s() + self._every_s
            try:
                await self._round(beat)
            finally:
                self._port.power(False)

    def _late(self):
        # A linear congruential generator; its upper bits are the better ones.
        self._chance = self._chance * 1103 + 12345 & 0xFFFFFF
        return (self._chance >> 8) * (self._jitter_s + 1) >> 16

    async def _wait_until(self, time_s, beat):
        while self._now_s() < time_s:
            await asyncio.sleep_ms(_STEP_MS)
            beat()
            for meter in self._meters:
                meter.point.expire(self._now_s())

    async def _round(self, beat):
        fresh = powered = False
        for meter in self._meters:
            meter.left -= 1
            if meter.left > 0:
                continue
            if not powered:
                powered = True
                fresh = self._port.power(True)
                if fresh:
                    await self._settle(beat)
            self._port.set_line(*meter.line)
            await self._poll(meter, beat, fresh)
            meter.left = meter.pause
        self.silent = sum([meter.point.status & status.SILENT for meter in self._meters])

    async def _settle(self, beat):
        left_ms = self._settle_ms
        while left_ms > 0:
            await asyncio.sleep_ms(min(left_ms, _STEP_MS))
            left_ms -= _STEP_MS
            beat()

    async def _poll(self, meter, beat, fresh):
        verdict = await meter.link.ask(meter.asked, beat, fresh)
        doubted = not self._is_plausible(meter, verdict)
        if doubted:
            # Read again before it is believed.
            await asyncio.sleep_ms(_IDLE_MS)
            verdict = await meter.link.ask(meter.asked, beat, False)
            doubted = not self._is_plausible(meter, verdict)
        self._publish(meter, verdict, doubted)
        await asyncio.sleep_ms(_IDLE_MS)
        beat()

    def _is_plausible(self, meter, verdict):
        index = meter.index
        if index is None or verdict != master.DONE:
            return True
        if not meter.link.read(meter.asked, index, self._now_s()):
            return True  # there is nothing that could be wrong
        return index.is_plausible()

    def _publish(self, meter, verdict, doubted):
        point = meter.point
        now = self._now_s()
        before = point.status
        if verdict == master.DONE:
            if meter.link.read(meter.asked, point, now):
                point.status = status.SUSPECT if doubted else 0
                if meter.index:
                    meter.index.keep()
            else:
                point.status = status.UNREADABLE
        else:
            point.status = status.SILENT if verdict == master.SILENT else status.REFUSED
        if meter.alarms and meter.alarms.judge(point, meter.number, self._record_event):
            point.status |= status.ALARM
        point.expire(now)
        silent = point.status & status.SILENT
        meter.pause = min(2 * meter.pause, self._longest_pause) if silent else 1
        if silent != before & status.SILENT:
            code = events.METER_SILENT if silent else events.METER_BACK
            self._record_event(code, meter.number)
        if point.status & status.SUSPECT:
            self._record_event(events.SUSPECT_READING, meter.number)
