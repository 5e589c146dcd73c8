"""A station that is read, for the tests of its identifiers."""

import unittest

from converter.app.freezer import Freezer
from converter.codec.checksum import sum8
from converter.link import dlt645
from converter.model import calendar, events, freezes, quantity, unit
from converter.model.alarms import Alarms
from converter.model.point import MeteringPoint
from converter.station import rows
from converter.store.history import History
from memory_keeper import MemoryKeeper
from requesting import request, wire
from stations import Home, build, row

_ENERGY = 2
_CONVERTER = b"\x01\x00\x00\x00\x00\x00"
_WATER = b"\x01\x03\x00\x00\x00\x00"
_HEAT = b"\x02\x03\x00\x00\x00\x00"
_NOW = calendar.to_seconds(2026, 12, 31, 23, 59, 57)
_PARTS = {"hhmmss": 0x07, "YYMMDDWW": 0x78, "YYMMDDhhmmss": 0x77, "YYMMDDhhmm": 0x76, "DDhh": 0x14}


def frozen(di, kind, top):
    # The index in both units.
    how = rows.FREEZE | rows.BACK
    in_kwh = row(di, kind, 4, 17, unit.WH, how, top)
    return in_kwh + row(di, kind, 4, 14, unit.M3, how | rows.ALSO, top)


def times(di, source, parts, code=0, top=0):
    n = {0x07: 3, 0x78: 4, 0x77: 6, 0x76: 5, 0x14: 2}[_PARTS[parts]]
    return row(di, code, n, _PARTS[parts], 0, source, top)


_TABLE = (
    row("00010000", _ENERGY, 4, 17, unit.WH)
    + row("00010000", quantity.VOLUME, 4, 14, unit.M3, rows.ALSO)
    + frozen("00010000", freezes.MONTH, 12)
    + times("04000101", rows.CLOCK, "YYMMDDWW")
    + times("04000102", rows.CLOCK, "hhmmss")
    + row("0400040B", 0, 10, flags=rows.TEXT)
    + row("0400040C", 1, 10, flags=rows.TEXT)
    + row("04000500", 0, 2, flags=rows.STATE | rows.BACK, top=7)
    + times("04000B01", rows.SETTLEMENT, "DDhh")
    + row("04001202", 60, 1, 0, flags=rows.CONSTANT)
    + row("04001203", 0x34, 2, 0x12, flags=rows.CONSTANT)
    + times("05010000", rows.FREEZE_TIME | rows.BACK, "YYMMDDhhmm", freezes.INSTANT, 3)
    + frozen("05010100", freezes.INSTANT, 3)
    + times("05040000", rows.FREEZE_TIME | rows.BACK, "YYMMDDhhmm", freezes.HOUR, 254)
    + frozen("05040100", freezes.HOUR, 254)
    + row("E0000100", quantity.VOLUME, 4, 14, unit.M3, rows.BY_POINT, 2)
    + row("E0000200", _ENERGY, 4, 17, unit.WH, rows.BY_POINT, 2)
    + row("E0000900", quantity.PULSES, 6, 16, unit.NONE, rows.BY_POINT, 1)
    + row("E0001900", quantity.SEQUENCE, 2, 16, unit.NONE, rows.BY_POINT | rows.ALONE)
    + row("E0004200", quantity.STATUS, 2, 16, unit.NONE, rows.BY_POINT)
    + row("E0002000", quantity.STARTS, 3, 16, unit.NONE, rows.ALONE)
)


def hexed(data):
    # Most significant first.
    return "".join(f"{b:02X}" for b in reversed(data))


class Keeping(Home):
    """With a freezer on records in memory, and events."""

    def __init__(self, points):
        Home.__init__(self, points)
        self.pulses = None
        self.keeper = MemoryKeeper()
        self.kept_events = events.Events()
        self.kept_events.alarms = Alarms()
        self.freezer = Freezer(self, History(self.keeper), (25, 8, 1))

    def record_event(self, *args):
        raise AssertionError(args)

    def pass_to(self, moment):
        # Time goes on, and the node freezes what is due, every full hour.
        while self.time_s() < moment:
            step = min(3600 - self.time_s() % 3600, moment - self.time_s())
            self.uptime_s += step
            self.freezer.look(self.time_s())
            self.freezer.commit_all()


class Reading(unittest.TestCase):
    def setUp(self):
        water = bytes((quantity.VOLUME, quantity.PULSES, quantity.SEQUENCE))
        self.own = MeteringPoint(_CONVERTER, bytes((quantity.STARTS,)), 0)
        self.water = MeteringPoint(_WATER, water, 0)
        self.heat = MeteringPoint(_HEAT, bytes((_ENERGY, quantity.VOLUME)), 60)
        self.home = Keeping([self.own, self.water, self.heat])
        self.home.uptime_s = 1000
        self.own.publish(quantity.STARTS, 7, 0, unit.NONE, 0)
        self.water.publish(quantity.VOLUME, 123456, -2, unit.M3, 990)
        self.water.publish(quantity.PULSES, 12, 0, unit.NONE, 995)
        self.water.publish(quantity.SEQUENCE, 5, 0, unit.NONE, 995)
        self.heat.publish(_ENERGY, 3638493, 1, unit.WH, 400)
        services = (("address", ()), ("read", (_TABLE, (b"SIBIAO", b""))))
        self.station = build(self.home, 0, services)
        self.out = bytearray(dlt645.MAX_FRAME)

    def set_clock(self, now):
        self.home.civil_s = now - self.home.uptime_s

    def ask(self, address, control, data):
        # (control, plain data) of the answer.
        n = self.station.handle(request(address, control, data), self.out)
        answer = bytes(self.out[:n])
        self.assertEqual(dlt645.frame_len(answer, 0, n), n)
        self.assertEqual(answer[n - 2], sum8(answer, 0, n - 2))
        self.assertEqual(answer[1:7], address)
        self.assertTrue(answer[9] <= 200)
        return answer[8], bytes((b - 0x33) & 0xFF for b in answer[10 : n - 2])

    def read(self, address, di):
        # The value's bytes, or the error word as a number.
        control, data = self.ask(address, 0x11, wire(di))
        if control == 0xD1:
            return data[0]
        self.assertEqual((control, data[:4]), (0x91, wire(di)))
        return data[4:]

    def digits(self, address, di):
        # Most significant first.
        found = self.read(address, di)
        return found if isinstance(found, int) else hexed(found)
