"""The bus job of a service of the way up. Loaded for each (app.seldom)."""

import asyncio
import time

from micropython import const

from converter.app import bus_job
from converter.link import master

_LOOK_MS = const(500)
_RESERVE_MS = const(60)  # to be back in time
_SHORTEST_MS = const(100)  # less time to answer is no use


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


async def run(node, job, end_ms, beat):
    # For the uplink: what a meter said to a service's job until end_ms (ticks), or None. beat: of
    # its task.
    bus, line, quiet_ms, request, meter = job
    latest_ms = time.ticks_add(end_ms, -_RESERVE_MS)
    if meter:
        job = _Served(meter, request, latest_ms)
    else:
        job = _Passed(line, request, latest_ms, quiet_ms or bus_job.quiet_ms(bus, line))
    if not bus_job.post(node, bus, job):
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
