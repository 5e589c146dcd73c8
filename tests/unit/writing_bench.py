"""A station that may be written to, for the tests of its services."""

import unittest

import stations
from converter.link import dlt645
from converter.model import change, quantity, unit
from converter.model.point import MeteringPoint
from converter.store.parameters import Parameters
from converter.store.writes import Writes
from memory_keeper import MemoryKeeper
from requesting import ask, frame, wire

CONVERTER, WATER, HEAT = "000000000001", "000000000301", "000000000302"
ALL, ANY = "999999999999", "AAAAAAAAAAAA"
OPERATOR = b"\x78\x56\x34\x12"
P4, P2 = b"\x04\0\0\0", b"\x02\0\0\0"
BY = P4 + OPERATOR
NOW_S = stations.NOON_S

SILENT, DENIED, NO_DATA, OTHER, BAUD = None, b"\x04", b"\x02", b"\x01", b"\x08"

_ROWS = bytes(
    (0x01, 0x01, 0x00, 0x04, change.CLOCK, 4, 4, 16)
    + (0x02, 0x01, 0x00, 0x04, change.CLOCK, 4, 3, 16)
    + (0x0C, 0x01, 0x00, 0x04, change.CLOCK, 4, 7, 16)
    + (0x01, 0x04, 0x00, 0x04, change.ADDRESS, 4, 6, 16)
    + (0x01, 0x0B, 0x00, 0x04, change.SETTLEMENT, 2, 2, 16)
    + (0x00, 0x43, 0x00, 0xE0, change.DIAL, 0x84, 5, 14)
    + (0x00, 0x11, 0x00, 0xE0, change.ALARMS, 0x84, 2, 16)
)
_SERVICES = (
    ("address", ()),
    ("write", (_ROWS,)),
    ("broadcast_time", ()),
    ("write_address", ()),
    ("freeze", ()),
    ("baud", ()),
    ("password", ()),
    ("clear_events", ()),
)


class Bench(unittest.TestCase):
    bound = 0

    def setUp(self):
        self.keeper = MemoryKeeper()
        self.out = bytearray(dlt645.MAX_FRAME)
        self.start()

    def start(self, time_s=NOW_S):
        water = MeteringPoint(wire(WATER), bytes((quantity.VOLUME,)), 0)
        heat = MeteringPoint(wire(HEAT), bytes((2,)), 60)
        heat.publish(2, 77, 3, unit.WH, 0)
        points = [MeteringPoint(wire(CONVERTER), b"", 0), water, heat]
        self.home = home = stations.WritableHome(points, self.keeper, time_s)
        (self.input,) = stations.stand_still(home, (1,))
        self.station = stations.build(home, self.bound, _SERVICES)

    def ask(self, address, control, data=b""):
        got = ask(self.station, frame(address, control, data), self.out)
        if got:
            self.home.answered()
        return got

    def refused(self, word, address, control, data):
        # Silence, or this error word; and nothing is written.
        before = dict(self.keeper.files)
        seen = list(self.home.seen)
        expected = word and (control | 0xC0, address, word)
        self.assertEqual(self.ask(address, control, data), expected)
        self.assertEqual(self.keeper.files, before)
        self.assertEqual(self.home.seen, seen)

    def open(self):
        self.home.access.open(0, 300, 1)
        del self.home.seen[:]

    def written(self, back=0):
        found = Writes(self.keeper, b"ours")
        found.load()
        return found.newest(back)

    def parameters(self):
        found = Parameters(self.keeper, b"ours")
        found.load()
        return found


def di(text):
    return wire(text)


def time7(year, month, day, hour, minute, second):
    return bytes([_bcd(n) for n in (second, minute, hour, 3, day, month, year % 100)])


def _bcd(n):
    return n // 10 << 4 | n % 10
