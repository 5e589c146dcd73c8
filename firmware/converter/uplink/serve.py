"""The way up: frames from the electricity meter's side in, the station's answers out.

Memory is collected here, right after an answer or when the line has long been quiet, so that no
collection falls between a request and its answer. (The console's report collects too, when a
person asks for it.)
"""

import asyncio
import gc
import time

from micropython import const

from converter.link.framer import Framer
from converter.station.dlt645 import JOB

_ANSWER_AFTER_MS = const(22)  # clause 5.3.3: 20 ms <= Td <= 500 ms; ticks_ms may be 2 ms off
_ANSWER_BEFORE_MS = const(490)  # later it would meet the next request
_JOB_MS = const(3500)
_LISTEN_MS = const(1000)
_BOUND_MS = const(60000)  # asked within this time: somebody reads us
_COLLECT_EVERY = const(8)  # answers; each leaves about 5 kB


class Uplink:
    def __init__(self, port, station, preamble, quiet_ms, at_rest):
        # preamble: FE bytes before each answer, 0..4. quiet_ms: how long a half-duplex module
        # must have said nothing before it hears us; 0: only the request's end counts.
        # at_rest(): called right after an answer, after a frame for somebody else and in silence,
        # at least every three seconds. Long work such as a flash write, which stops the CPU,
        # costs the reader least there.
        self._port = port
        self._station = station
        self._framer = Framer(station.frame_len, station.MAX_FRAME + 16, station.is_ours)
        self._out = bytearray(preamble + station.MAX_FRAME)
        for i in range(preamble):
            self._out[i] = 0xFE
        self._out_view = memoryview(self._out)
        self._frame = self._out_view[preamble:]
        self._preamble = preamble
        self._turn_ms = max(quiet_ms, _ANSWER_AFTER_MS)
        self._answered_ms = None
        self._uncollected = 0
        self._at_rest = at_rest
        self.module = None  # uplink.module, where the line is a module's
        self.run_job = None  # async (job, when it is late, beat): what the meter said, or None
        self.after_answer = None  # set while a request is handled: called when its answer has left

    @property
    def bound(self):
        if self._answered_ms is None:
            return False
        return time.ticks_diff(time.ticks_ms(), self._answered_ms) < _BOUND_MS

    async def run(self, beat):
        # beat(): called at every wake-up, at least once in _LISTEN_MS.
        if self.module:
            await self.module.start()
        while True:
            frame = await self._port.listen(self._framer, _LISTEN_MS)
            beat()
            unasked = 0
            if self.module:
                out = None if self._framer.pending else self._frame
                unasked = await self.module.listened(frame, out)
            if frame is not None:
                await self._answer(frame, beat)
            else:
                self._collect(1)
                if unasked:
                    await self._send(unasked, beat)
            self._at_rest()

    async def _answer(self, frame, beat):
        station = self._station
        latest_ms = _ANSWER_BEFORE_MS
        self.after_answer = None
        n = station.handle(frame, self._frame)
        if n == JOB:
            latest_ms += _JOB_MS
            heard = None
            if self.run_job:
                end_ms = time.ticks_add(self._port.heard_ms, _JOB_MS)
                heard = await self.run_job(station.job, end_ms, beat)
            n = station.complete(station.job, heard, self._frame)
        if n and await self._is_our_turn(latest_ms):
            await self._send(n, beat)
            self._answered_ms = time.ticks_ms()
            if self.after_answer:
                self.after_answer()
            self._collect(_COLLECT_EVERY)

    async def _is_our_turn(self, latest_ms):
        # Waits for it; False when it comes too late for an answer.
        port = self._port
        asked_ms = port.heard_ms
        while True:
            now_ms = time.ticks_ms()
            wait_ms = self._turn_ms - time.ticks_diff(now_ms, port.heard_ms)
            if time.ticks_diff(now_ms, asked_ms) > latest_ms:
                return False
            if wait_ms <= 0:
                return True
            await asyncio.sleep_ms(wait_ms)
            if self._turn_ms > _ANSWER_AFTER_MS:
                port.take(self._framer)  # it may still be speaking

    async def _send(self, n, beat):
        await self._port.send(self._out_view[: self._preamble + n])
        beat()

    def _collect(self, after):
        self._uncollected += 1
        if self._uncollected >= after:
            self._uncollected = 0
            gc.collect()
