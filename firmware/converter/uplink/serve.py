"""The way up: frames from the electricity meter's side in, the station's answers out.

Memory is collected here, right after an answer or when the line has long been quiet, so that no
collection falls between a request and its answer. (The console's report collects too, when a
person asks for it.)
"""

import asyncio
import gc
import time

from micropython import const

from converter.link import dlt645
from converter.link.framer import Framer

_ANSWER_AFTER_MS = const(22)  # clause 5.3.3: 20 ms <= Td <= 500 ms; ticks_ms may be 2 ms off
_LISTEN_MS = const(1000)
_BOUND_MS = const(60000)  # asked within this time: somebody reads us
_COLLECT_EVERY = const(8)  # answers; each leaves about 5 kB
_REST_MS = const(10)  # how often a rest is looked for


class Uplink:
    def __init__(self, port, station, preamble):
        # preamble: FE bytes before each answer, 0..4.
        self._port = port
        self._station = station
        self._framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16)
        self._out = bytearray(preamble + dlt645.MAX_FRAME)
        for i in range(preamble):
            self._out[i] = 0xFE
        self._out_view = memoryview(self._out)
        self._frame = self._out_view[preamble:]
        self._preamble = preamble
        self._answered_ms = None
        self._uncollected = 0
        self._rests = 0  # counts the moments after an answer or a second of silence

    @property
    def bound(self):
        if self._answered_ms is None:
            return False
        return time.ticks_diff(time.ticks_ms(), self._answered_ms) < _BOUND_MS

    async def quiet(self, limit_ms):
        # Wait for the moment after an answer or a second of silence: long work, such as a flash
        # write that stops the CPU, costs the reader least then.
        now = self._rests
        while self._rests == now and limit_ms > 0:
            await asyncio.sleep_ms(_REST_MS)
            limit_ms -= _REST_MS

    async def run(self, beat):
        # beat(): called at every wake-up, at least once in _LISTEN_MS.
        port = self._port
        while True:
            frame = await port.listen(self._framer, _LISTEN_MS)
            beat()
            if frame is None:
                self._collect(1)
                self._rests = (self._rests + 1) & 0xFFFF
                continue
            n = self._station.handle(frame, self._frame)
            if n:
                since_ms = time.ticks_diff(time.ticks_ms(), port.heard_ms)
                if since_ms < _ANSWER_AFTER_MS:
                    await asyncio.sleep_ms(_ANSWER_AFTER_MS - since_ms)
                await port.send(self._out_view[: self._preamble + n])
                beat()
                self._answered_ms = time.ticks_ms()
                self._collect(_COLLECT_EVERY)
                self._rests = (self._rests + 1) & 0xFFFF

    def _collect(self, after):
        self._uncollected += 1
        if self._uncollected >= after:
            self._uncollected = 0
            gc.collect()
