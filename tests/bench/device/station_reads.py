"""Runs on the VM: single values, blocks, freezes and follow-up frames through framer and station;
prints the heap in use after each step."""

import gc
import sys

from converter.app.freezer import Freezer
from converter.link import dlt645
from converter.link.framer import Framer
from converter.model import freezes, quantity, unit
from converter.model.point import MeteringPoint
from converter.station import address, read, rows
from converter.station.dlt645 import Station
from converter.store.history import History

_ENERGY = 2
_FROZEN = rows.BACK | rows.FREEZE
_TABLE = bytes(
    (0x00, 0x00, 0x01, 0x00, _ENERGY, 4, 17, unit.WH, 0, 0)
    + (0x00, 0x00, 0x01, 0x00, quantity.VOLUME, 4, 14, unit.M3, rows.ALSO, 0)
    + (0x03, 0x04, 0x00, 0x04, 0, 32, 0, unit.NONE, rows.TEXT, 0)
    + (0x00, 0x01, 0x04, 0x05, freezes.HOUR, 4, 14, unit.M3, _FROZEN, 254)
    + (0x00, 0x01, 0x00, 0xE0, quantity.VOLUME, 4, 14, unit.M3, rows.BY_POINT, 2)
    + (0x00, 0x09, 0x00, 0xE0, quantity.PULSES, 6, 16, unit.NONE, rows.BY_POINT, 2)
)
_NOW = 850000000  # in 2026
_CONVERTER = b"\x01\x00\x00\x00\x00\x00"
_WATER = b"\x01\x03\x00\x00\x00\x00"
_HEAT = b"\x02\x03\x00\x00\x00\x00"


def request(address, di, control=0x11):
    frame = bytearray(b"\x68" + address + b"\x68" + bytes((control, len(di))))
    for b in di:
        frame.append((b + 0x33) & 0xFF)
    return bytes(frame) + bytes((sum(frame) & 0xFF, 0x16))


class Keeper:
    """Keeps nothing: what was frozen waits."""

    def load(self, name):
        return None


class Home:
    def __init__(self, points):
        self.points = points
        self.pulses = None
        self.freezer = Freezer(self, History(Keeper()), (1, 0, 1))

    def now_s(self):
        return 1000

    def time_s(self):
        return _NOW


def main(reads, steps):
    water = MeteringPoint(_WATER, bytes((quantity.VOLUME, quantity.PULSES)), 0)
    heat = MeteringPoint(_HEAT, bytes((_ENERGY,)), 60)
    points = [MeteringPoint(_CONVERTER, b"", 0), water, heat]
    home = Home(points)
    services = address.Service(home), read.Service(home, _TABLE, (b"SB26000001",))
    station = Station(points, 0, services)
    framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16)
    out = memoryview(bytearray(dlt645.MAX_FRAME))
    index = b"\x00\x00\x01\x00"
    requests = [
        b"\xfe\xfe\xfe\xfe" + request(_WATER, index),
        b"\x68\x00" + request(_HEAT, index),
        request(_CONVERTER, b"\x03\x04\x00\x04"),
        request(_WATER, b"\x00\x00\x02\x00"),  # refused
        request(_CONVERTER, b"\xff\xff\x01\xe0"),
        request(_WATER, b"\x01\x01\x04\x05"),
        request(_HEAT, b"\xff\x01\x04\x05"),
        request(_HEAT, b"\xff\x01\x04\x05\x01", 0x12),
    ]
    home.freezer.look(_NOW - _NOW % 3600)
    answered = 0
    # One step more than is told, first: until the stack has been as deep as it gets, words left on
    # it may hold a block or two (the collector takes all that looks like a pointer for one).
    for step in range(-1, steps):
        for n in range(reads // steps):
            water.publish(quantity.VOLUME, (step + 1) * 1000 + n, -2, unit.M3, n)
            heat.publish(_ENERGY, 3638493 + n, 1, unit.WH, n)
            arriving = requests[n % len(requests)]
            at = 0
            while at < len(arriving):
                chunk = arriving[at : at + 7]
                framer.get_buffer()[: len(chunk)] = chunk
                framer.buffer_updated(len(chunk))
                at += len(chunk)
                frame = framer.next_frame(at >= len(arriving))
                if frame is not None:
                    answered += station.handle(frame, out) > 0
        arriving = chunk = frame = None
        gc.collect()
        if step >= 0:
            print(gc.mem_alloc())
    reads += reads // steps
    if answered != reads:
        raise AssertionError("%d answers to %d reads" % (answered, reads))


main(int(sys.argv[1]), int(sys.argv[2]))
