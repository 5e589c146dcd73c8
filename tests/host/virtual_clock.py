"""A test instrument: virtual time, and a null modem whose two ends both follow `Line`."""

from sibiao.node.virtual_clock import VirtualClock
from sibiao.sim.wire import byte_time_ns

__all__ = ["MS", "Listener", "VirtualClock", "VirtualLine", "null_modem"]

MS = 1_000_000


class VirtualLine:
    """One end. A byte that comes at another rate or parity than this end's own is garbage."""

    def __init__(self, clock):
        self.on_byte = None
        self.far = None
        self._clock = clock
        self._baud, self._parity = 2400, "E"
        self._free_ns = 0

    def settings(self, baud, parity="E"):
        self._baud, self._parity = baud, parity

    def send(self, data):
        byte_ns = byte_time_ns(self._baud, self._parity)
        self._free_ns = max(self._free_ns, self._clock.now_ns)
        sent_as = (self._baud, self._parity)
        for byte in data:
            self._free_ns += byte_ns
            self._clock.call_later(
                self._free_ns - self._clock.now_ns,
                lambda byte=byte: self.far._arrive(byte, sent_as),
            )

    def _arrive(self, byte, sent_as):
        if self.on_byte:
            self.on_byte(byte if sent_as == (self._baud, self._parity) else byte ^ 0x55)


def null_modem(clock):
    a, b = VirtualLine(clock), VirtualLine(clock)
    a.far, b.far = b, a
    return a, b


class Listener:
    """The node's end of a line in a test: keeps what came, and when each byte was complete."""

    def __init__(self, clock, line, baud=2400, parity="E"):
        self.heard = bytearray()
        self.times_ns = []
        self._clock = clock
        self._line = line
        line.settings(baud, parity)
        line.on_byte = self._take

    def _take(self, byte):
        self.heard.append(byte)
        self.times_ns.append(self._clock.now_ns)

    def send(self, data):
        self._line.send(data)

    def take(self):
        heard = bytes(self.heard)
        self.heard.clear()
        self.times_ns.clear()
        return heard
