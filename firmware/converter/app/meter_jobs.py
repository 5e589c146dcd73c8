"""What the way up wants of meters: where a frame goes, and the bus job that takes it there. Loaded
where a service of the uplink passes frames through.
"""

import asyncio
import time

import config
from micropython import const

from converter.app import bus_job, seldom
from converter.link import cjt188, master
from converter.model import events
from converter.store.archive import Archive
from converter.store.record import ABSENT, UNKNOWN

_LOOK_MS = const(500)
_RESERVE_MS = const(60)  # to be back in time
_SHORTEST_MS = const(100)  # less time to answer is no use
_CJT188 = "services_cjt188"


class _Passed(bus_job.Job):
    """One that is not sent when its time has gone: who asked has been told that it failed."""

    def __init__(self, line, request, latest_ms, quiet_ms):
        super().__init__(line, request, 0, quiet_ms)
        self._latest_ms = latest_ms

    async def run(self, port, buffer, beat):
        port.set_line(*self.line)
        sending_ms = len(self.request) * port.byte_us // 1000
        self.limit_ms = time.ticks_diff(self._latest_ms, time.ticks_ms()) - sending_ms
        if self.limit_ms >= _SHORTEST_MS:
            await super().run(port, buffer, beat)


class _Served(bus_job.Service):
    def __init__(self, meter, request, latest_ms):
        super().__init__(meter, request)
        self._latest_ms = latest_ms

    async def run(self, port, buffer, beat):
        if time.ticks_diff(self._latest_ms, time.ticks_ms()) >= _SHORTEST_MS:
            await super().run(port, buffer, beat)
            if self.verdict != master.DONE:
                self.heard = None


class MeterJobs:
    def __init__(self, node, keeper):
        self._node = node
        self._keeper = keeper
        self._archive = None

    def meters(self):
        # (bus, meter) of each CJ/T 188 meter that is polled.
        for number, bus in enumerate(self._node.buses):
            for meter in bus.meters:
                if meter.link.SERVICES == _CJT188:
                    yield number, meter

    @property
    def archive(self):
        # Loaded when it is first wanted. OSError while the keeper cannot tell.
        if self._archive is None:
            asked = [meter.asked for _, meter in self.meters()]
            own = b"".join(bytes((each.meter_type,)) + each.address for each in asked)
            archive = Archive(self._keeper, self._node.own, own)
            problem = archive.load()
            if problem == UNKNOWN:
                raise OSError(problem)
            if problem not in (None, ABSENT):
                self._node.record_event(events.RECORD_LOST, problem)
            self._archive = archive
        return self._archive

    def take_over(self):
        # As KeptEvents.
        self.archive.take_over()

    def manage(self, *asked):
        return seldom.call("station.archive", "serve", self, *asked)

    def change_archive(self, how, count, *rows):
        # how: a method of store.archive.
        getattr(self.archive, how)(*rows)
        self._node.record_event(events.ARCHIVE_CHANGED, count, len(self.archive.rows) // 8)

    def route(self, frame):
        # (bus, line) of the meter that a CJ/T 188 frame is for, or None.
        address = bytes(frame[cjt188.ADDRESS : cjt188.CONTROL])
        if address == cjt188.ANY:
            return self._only()
        try:
            if not self.archive.has(address):
                return None
        except OSError:
            return None
        for number, meter in self.meters():
            if meter.asked.address == address:
                return number, meter.line
        # Somebody has added it: on the first bus, with that one's line.
        return (0, config.BUSES[0][0][3:]) if config.BUSES else None

    def _only(self):
        # Every meter would answer: where there are more, they would all at once.
        if sum([len(bus[4]) + len(bus[5]) for bus in config.BUSES]) != 1:
            return None
        for number, meter in self.meters():
            return number, meter.line
        return None

    def transparent(self, who):
        # (bus, line, pause) of the point that is only passed through to; of the converter, of its
        # only one. None where there is none, or several.
        found = None
        for number, bus in enumerate(config.BUSES):
            for point, baud, parity, quiet_ms in bus[4]:
                if who in (0, point):
                    if found:
                        return None
                    found = number, (baud, parity), quiet_ms
        return found

    def valve(self, point, to):
        # The job that moves the valve of a point's meter ("open", "close"); None when it has none
        # that we know how to move, or moving it would let gas flow.
        for number, meter in self.meters():
            if meter.number == point:
                out = bytearray(32)
                asked = out, meter.asked, "valve", (to,), None
                n = seldom.call("app.services_cjt188", "build", *asked)
                if n:
                    return number, meter.line, 0, bytes(out[:n]), meter
                bus_job.refuse(
                    self._node, number, int.from_bytes(meter.asked.address[:4], "little")
                )
        return None

    async def run(self, job, limit_ms, beat):
        # For the uplink: what a meter said to a service's job, or None. beat: of its task.
        bus, line, quiet_ms, request, meter = job
        latest_ms = time.ticks_add(time.ticks_ms(), limit_ms - _RESERVE_MS)
        if meter:
            job = _Served(meter, request, latest_ms)
        else:
            quiet_ms = quiet_ms or bus_job.quiet_ms(bus, line)
            job = _Passed(line, request, latest_ms, quiet_ms)
        if not bus_job.post(self._node, bus, job):
            return None
        while not job.done.is_set():
            left_ms = time.ticks_diff(latest_ms, time.ticks_ms())
            if left_ms <= 0:
                return None
            try:
                await asyncio.wait_for_ms(job.done.wait(), min(left_ms, _LOOK_MS))
            except asyncio.TimeoutError:
                pass
            beat()
        return job.heard or None
