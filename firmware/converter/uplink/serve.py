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


class Uplink:
    def __init__(self, port, station, preamble, at_rest):
        # preamble: FE bytes before each answer, 0..4. at_rest(): called right after an answer,
        # after a frame for somebody else and in silence, at least every three seconds. Long work
        # such as a flash write, which stops the CPU, costs the reader least there.
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
        self._at_rest = at_rest
        self.after_answer = None  # called once when the next answer has been sent

    @property
    def bound(self):
        if self._answered_ms is None:
            return False
        return time.ticks_diff(time.ticks_ms(), self._answered_ms) < _BOUND_MS

    async def run(self, beat):
        # beat(): called at every wake-up, at least once in _LISTEN_MS.
        while True:
            frame = await self._port.listen(self._framer, _LISTEN_MS)
            beat()
            if frame is None:
                self._collect(1)
            else:
                await self._answer(frame, beat)
            self._at_rest()

    async def _answer(self, frame, beat):
        port = self._port
        n = self._station.handle(frame, self._frame)
        if not n:
            return
        since_ms = time.ticks_diff(time.ticks_ms(), port.heard_ms)
        if since_ms < _ANSWER_AFTER_MS:
            await asyncio.sleep_ms(_ANSWER_AFTER_MS - since_ms)
        await port.send(self._out_view[: self._preamble + n])
        beat()
        if self.after_answer:
            then, self.after_answer = self.after_answer, None
            then()
        self._answered_ms = time.ticks_ms()
        self._collect(_COLLECT_EVERY)

    def _collect(self, after):
        self._uncollected += 1
        if self._uncollected >= after:
            self._uncollected = 0
            gc.collect()
