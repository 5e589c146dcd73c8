"""A test instrument: a `Wire` on which simulated meters hang, in virtual time."""

from sibiao.bus.wire import Listening
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of
from sibiao.sim.wire import NS_PER_MS, byte_time_ns

from tests.host.virtual_clock import VirtualClock, null_modem

_STEP_NS = 2 * NS_PER_MS
_REST_NS = 110 * NS_PER_MS  # between requests, as a port and its adapter take it


class SimWire:
    """Each meter hears its own rate and parity only. `asked` is what was sent."""

    name = "the simulated bus"

    def __init__(self, *meters, faults=()):
        self.asked = []
        self._clock = VirtualClock()
        self._near, self._far = null_modem(self._clock)
        made = [
            meter_of(m, faults, 1, k) if isinstance(m, str) else m for k, m in enumerate(meters)
        ]
        self._baud = 2400
        self._bus = Bus(self._clock, self._far, made, baud_told=lambda: self._baud)
        self._heard = bytearray()
        self._near.on_byte = self._heard.append

    def exchange(self, request, baud, parity, limit_ms, quiet_ms):
        self.asked.append(request)
        self._clock.run(_REST_NS)
        self._baud = baud
        self._near.settings(baud, parity)
        self._bus._follow()  # it does at the first byte, which would be lost by that
        self._heard.clear()
        self._near.send(request)
        sent_ms = self._now_ms() + len(request) * byte_time_ns(baud, parity) / NS_PER_MS
        listening = Listening(request, quiet_ms, sent_ms + limit_ms)
        while not listening.is_over(self._now_ms()):
            self._clock.run(_STEP_NS)
            if self._heard:
                listening.hear(bytes(self._heard), self._now_ms())
                self._heard.clear()
        return listening.answer()

    def _now_ms(self):
        return self._clock.now_ns / NS_PER_MS
