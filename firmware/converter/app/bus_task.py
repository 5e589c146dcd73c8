"""The meter bus: ask each meter in turn, publish what it answers, say when it is silent."""

import asyncio

from micropython import const

from converter.link import cjt188, master
from converter.link.framer import Framer
from converter.meters import cjt188 as layout188
from converter.model import events
from converter.model import point as status

_STEP_MS = const(1000)
_IDLE_MS = const(30)  # the line rests between frames


class BusMeter:
    def __init__(self, point, number, meter_type, address, di, layout):
        # number: of the point, for events. address, di: as on the wire.
        self.point = point
        self.number = number
        self.meter_type = meter_type
        self.address = address
        self.di = di
        self.layout = layout
        self.ser = 0


class BusTask:
    def __init__(self, port, meters, tries, every_s, now_s, record_event):
        self._port = port
        self._meters = meters
        self._every_s = every_s
        self._now_s = now_s
        self._record_event = record_event
        self._framer = Framer(cjt188.frame_len, cjt188.MAX_FRAME + 15)
        self._master = master.Master(cjt188.accept, tries)
        self._out = bytearray(len(cjt188.PREAMBLE) + cjt188.MAX_FRAME)
        self._view = memoryview(self._out)
        # Tr = 500 ms + 30 byte times to the first byte, then the longest answer.
        self._answer_ms = 500 + (30 + cjt188.MAX_FRAME) * port.byte_us // 1000
        self.silent = 0  # meters that did not answer last time

    async def run(self, beat):
        while True:
            round_s = self._now_s()
            silent = 0
            for meter in self._meters:
                silent += not await self._poll(meter, beat)
            self.silent = silent
            while self._now_s() - round_s < self._every_s:
                await asyncio.sleep_ms(_STEP_MS)
                beat()

    async def _poll(self, meter, beat):
        meter.ser = (meter.ser + 1) & 0xFF
        n = cjt188.read_request(self._out, meter.meter_type, meter.address, meter.di, meter.ser)
        request = self._view[:n]
        verdict = self._master.start(self._view[len(cjt188.PREAMBLE) : n])
        frame = None
        while verdict == master.SEND:
            self._framer.clear()
            await self._port.send(request)
            beat()
            verdict = master.WAIT
            while verdict == master.WAIT:
                frame = await self._port.listen(self._framer, self._answer_ms)
                beat()
                if frame is None:
                    verdict = self._master.timed_out()
                else:
                    verdict = self._master.answer(frame)
        self._settle(meter, verdict, frame)
        await asyncio.sleep_ms(_IDLE_MS)
        beat()
        return verdict != master.SILENT

    def _settle(self, meter, verdict, frame):
        point = meter.point
        now = self._now_s()
        before = point.status
        if verdict == master.DONE:
            sound = layout188.read_values(meter.layout, frame, point, now)
            point.status = 0 if sound else status.UNREADABLE
        else:
            point.status = status.SILENT if verdict == master.SILENT else status.REFUSED
        point.expire(now)
        if (point.status ^ before) & status.SILENT:
            silent = point.status & status.SILENT
            code = events.METER_SILENT if silent else events.METER_BACK
            self._record_event(code, meter.number)
