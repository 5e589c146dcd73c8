"""The meter bus: ask each meter in turn, publish what it answers, say when it is silent. A job
(app.bus_job) goes before all polls.

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
_LINGER_S = const(10)  # the bus stays powered after a job: what one selects another may ask
_HOUR_S = const(3600)
_BREAKS = const(3)  # after so many jobs in the middle of a poll the next round asks


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
        self.fresh = False  # without power, or asked by somebody else, since its last poll


class BusTask:
    def __init__(self, node, port, settle_ms, schedule, seed, meters):
        # schedule: seconds between rounds, seconds that a round may be late, rounds that a silent
        # meter is left alone at most. seed: of this board, so that no two keep step.
        self._now_s = node.now_s
        self._record_event = node.record_event
        self.port = port
        self._settle_ms = settle_ms
        self._every_s, self._jitter_s, self._longest_pause = schedule
        self._chance = seed & 0xFFFFFF
        self.meters = meters
        self.silent = 0  # meters that did not answer last time
        self._job = None
        self._woken = asyncio.Event()
        self._buffer = None  # of jobs, made for the first
        self._powered = False
        self._lit_s = 0  # the bus keeps its power until then
        self._count_s = 0  # until then refused controls are only counted
        self._refused = self._number = 0  # so many, and the bus of this task

    def post(self, job):
        # Whether the job is taken: one waits or runs at a time.
        if self._job:
            return False
        self._job = job
        self.port.wanted = True
        self._woken.set()
        return True

    def refuse(self, number, meter):
        # A control that is refused is an event, though one an hour: whoever is refused again and
        # again could else push all other events out of the ring.
        now = self._now_s()
        self.tell_refused(now)
        if now < self._count_s:
            self._refused += 1
            return
        self._count_s = now + _HOUR_S
        self._number = number
        self._record_event(events.CONTROL_REFUSED, number, meter)

    def tell_refused(self, now):
        # How many more there were, when the hour is over.
        if self._refused and now >= self._count_s:
            since_s = self._count_s - _HOUR_S
            self._record_event(events.CONTROLS_REFUSED, self._number, self._refused, since_s)
            self._refused = 0

    async def run(self, beat):
        begin_s = self._now_s()
        try:
            while True:
                await self._wait_until(begin_s + self._late(), beat)
                begin_s = self._now_s() + self._every_s
                await self._round(beat)
                self._rest()
        finally:
            self._lit_s = 0
            self._rest()

    def _late(self):
        # A linear congruential generator; its upper bits are the better ones.
        self._chance = self._chance * 1103 + 12345 & 0xFFFFFF
        return (self._chance >> 8) * (self._jitter_s + 1) >> 16

    async def _wait_until(self, time_s, beat):
        while self._now_s() < time_s:
            try:
                await asyncio.wait_for_ms(self._woken.wait(), _STEP_MS)
            except asyncio.TimeoutError:
                pass
            beat()
            if self._job:
                await self._run_job(beat)
            self._rest()
            self.tell_refused(self._now_s())
            for meter in self.meters:
                meter.point.expire(self._now_s())

    async def _round(self, beat):
        for meter in self.meters:
            meter.left -= 1
            if meter.left <= 0:
                await self._power(beat)
                await self._poll(meter, beat)
        self.silent = sum([meter.point.status & status.SILENT for meter in self.meters])

    async def _power(self, beat):
        if not self._powered and self.port.power(True):
            self._powered = True
            for meter in self.meters:
                meter.fresh = True
            await self._settle(beat)

    def _rest(self):
        if self._powered and self._now_s() >= self._lit_s:
            self._powered = False
            self.port.power(False)

    async def _settle(self, beat):
        left_ms = self._settle_ms
        while left_ms > 0:
            await asyncio.sleep_ms(min(left_ms, _STEP_MS))
            left_ms -= _STEP_MS
            beat()

    async def _run_job(self, beat):
        job = self._job
        self.port.wanted = False  # it may use the meters' own links
        try:
            await self._power(beat)
            self._buffer = self._buffer or job.buffer()
            await job.run(self.port, self._buffer, beat)
        finally:
            self._job = None
            self._woken.clear()
            job.done.set()
        self._lit_s = self._now_s() + _LINGER_S
        for meter in self.meters:
            meter.fresh = True

    async def _poll(self, meter, beat):
        for _ in range(_BREAKS):
            if self._job:
                await self._run_job(beat)
                await asyncio.sleep_ms(_IDLE_MS)
            verdict, doubted = await self._ask(meter, beat)
            await asyncio.sleep_ms(_IDLE_MS)
            beat()
            if verdict == master.BROKEN_OFF and self._job:
                continue
            if verdict != master.BROKEN_OFF:
                self._publish(meter, verdict, doubted)
            meter.left = meter.pause
            return

    async def _ask(self, meter, beat):
        # The verdict, and whether the index is doubtful.
        self.port.set_line(*meter.line)
        verdict = await meter.link.ask(meter.asked, beat, meter.fresh)
        meter.fresh = False
        if self._is_plausible(meter, verdict):
            return verdict, False
        # Read again before it is believed.
        await asyncio.sleep_ms(_IDLE_MS)
        verdict = await meter.link.ask(meter.asked, beat, False)
        return verdict, not self._is_plausible(meter, verdict)

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
