"""Polling CJ/T 188 meters: one read, one answer."""

from converter.app.exchange import Exchange
from converter.link import cjt188
from converter.link.framer import Framer
from converter.meters import cjt188 as layout188


class _Meter:
    def __init__(self, meter_type, address, di, layout, dialect):
        # address, di: as on the wire. dialect: for meters.cjt188_services.
        self.meter_type = meter_type
        self.address = address
        self.di = di
        self.layout = layout
        self.dialect = dialect
        self.ser = 0


class Link(Exchange):
    SERVICES = "services_cjt188"

    def __init__(self, port, tries):
        framer = Framer(cjt188.frame_len, cjt188.MAX_FRAME + 15)
        size = len(cjt188.PREAMBLE) + 32
        super().__init__(port, framer, cjt188.accept, tries, size)

    def meter(self, *asked):
        return _Meter(*asked)

    async def ask(self, meter, beat, fresh):
        meter.ser = (meter.ser + 1) & 0xFF
        out = self.out
        n = cjt188.read_request(out, meter.meter_type, meter.address, meter.di, meter.ser)
        return await self._send(n, beat)

    async def serve(self, meter, request, beat):
        # A frame of services_cjt188, with preamble.
        self.out[: len(request)] = request
        return await self._send(len(request), beat)

    async def _send(self, n, beat):
        # Tr = 500 ms + 30 byte times to the first byte, then the longest answer.
        answer_ms = 500 + (30 + cjt188.MAX_FRAME) * self.port.byte_us // 1000
        return await self.exchange(len(cjt188.PREAMBLE), n, answer_ms, beat)

    def read(self, meter, point, now_s):
        return layout188.read_values(meter.layout, self.frame, point, now_s)
