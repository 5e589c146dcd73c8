"""Simulated CJ/T 188 meters on a bus in virtual time, asked by the firmware's master."""

from converter.link import cjt188 as link
from converter.link.framer import Framer
from converter.link.master import DONE, REFUSED, SEND, Master
from converter.meters import cjt188_services as services
from sibiao.config import load
from sibiao.config.device.layouts import ask, builder_flags
from sibiao.sim.bus.cjt188 import CjtMeter
from sibiao.sim.bus.meter import Bus
from sibiao.sim.wire import NS_PER_S

from tests.host.virtual_clock import Listener, VirtualClock, null_modem

WATER = "water-cjt188-901f"


class Bench:
    def __init__(self, *meters):
        self.clock = VirtualClock()
        near, far = null_modem(self.clock)
        baud, parity = meters[0].settings(0)
        self.node = Listener(self.clock, near, baud, parity)
        self.bus = Bus(self.clock, far, meters)

    def send(self, request, wait_s=3):
        self.node.take()
        self.node.send(request)
        self.clock.run(wait_s * NS_PER_S)
        return bytes(self.node.heard)

    def exchange(self, request, tries=1, wait_s=1):
        """What the firmware's master makes of it: verdict, and the frame."""
        at = request.index(0x68)
        master = Master(link.accept, tries)
        told, frame = master.start(memoryview(request)[at:]), None
        framer = Framer(link.frame_len, 300)
        while told == SEND:
            for byte in self.send(request, wait_s):
                framer.get_buffer()[0] = byte
                framer.buffer_updated(1)
                while (got := framer.next_frame(False)) is not None:
                    told = master.answer(got)
                    if told in (DONE, REFUSED):
                        return told, bytes(got)
            told = master.timed_out()
        return told, frame


def meter_of(name, **options):
    profile = load.read("meters", name)
    return profile, CjtMeter(profile, name, **options)


def read_request(profile, address, ser=0x37):
    out = bytearray(32)
    kind = int(profile.request.type, 16)
    return bytes(out[: link.read_request(out, kind, address, ask(profile), ser)])


def service(profile, address, di, data=b"", ser=5):
    out = bytearray(40)
    kind = int(profile.request.type, 16)
    n = services.request(out, kind, address, di, ser, builder_flags(profile), data)
    return bytes(out[:n])


def body_of(frame, profile):
    shift = 0x33 if profile.dialect.data_plus_33 else 0
    return bytes((b - shift) & 0xFF for b in frame[link.DATA_BODY : -2])
