"""Blocks, follow-up frames, freezes, times and parameters of service 11H and 12H."""

import unittest

from converter.app.freezer import Freezer
from converter.codec.checksum import sum8
from converter.link import dlt645
from converter.model import calendar, events, freezes, quantity, unit
from converter.model.alarms import CLOCK_LOST, Alarms
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


class Sources(Reading):
    def test_date_and_time(self):
        self.assertEqual(self.read(_WATER, "04000101"), 2)  # unknown: no data
        self.assertEqual(self.read(_WATER, "0400010C"), 2)
        self.set_clock(_NOW)
        self.assertEqual(self.digits(_WATER, "04000101"), "26123104")  # a Thursday
        self.assertEqual(self.digits(_CONVERTER, "04000102"), "235957")

    def test_texts_and_constants(self):
        self.assertEqual(self.read(_HEAT, "0400040B"), bytes(4) + b"OAIBIS")
        self.assertEqual(self.read(_HEAT, "0400040C"), 2)  # nobody has said
        self.assertEqual(self.digits(_HEAT, "04001202"), "60")
        self.assertEqual(self.digits(_HEAT, "04001203"), "4660")
        self.assertEqual(self.digits(_HEAT, "04000B01"), "2508")

    def test_status_words(self):
        self.assertEqual(self.read(_WATER, "04000501"), b"\0\0")
        self.home.kept_events.alarms.judge(CLOCK_LOST, True, 0)
        self.assertEqual(self.read(_WATER, "04000501"), b"\x04\0")
        self.assertEqual(self.read(_WATER, "040005FF"), b"\x04\0" + bytes(12))
        self.assertEqual(self.read(_WATER, "04000500"), 2)
        self.assertEqual(self.read(_WATER, "04000508"), 2)

    def test_the_time_of_a_value(self):
        self.assertEqual(self.read(_WATER, "E0000101"), 2)
        self.set_clock(_NOW)
        self.assertEqual(self.digits(_WATER, "E0000101"), "261231235947")
        self.assertEqual(self.digits(_CONVERTER, "E0010901"), "261231235952")
        self.assertEqual(self.digits(_CONVERTER, "E0020201"), "261231234957")
        self.heat.expire(1000)  # the value is forgotten, its time with it
        self.assertEqual(self.read(_CONVERTER, "E0020201"), 2)
        self.assertEqual(self.read(_WATER, "E0000102"), 2)
        self.assertEqual(self.read(_WATER, "E0004201"), 2)  # always now: it has no time

    def test_load_records_there_are_none(self):
        # L = 4, with their number, with their number and a time: the identifier alone comes back.
        for more in (b"", b"\x05", b"\x05\x00\x12\x01\x01\x26"):
            self.assertEqual(
                self.ask(_WATER, 0x11, wire("06010001") + more), (0x91, wire("06010001"))
            )
        self.assertEqual(self.ask(_WATER, 0x11, wire("06010001") + b"\x05\x00"), (0xD1, b"\x01"))
        self.assertEqual(self.ask(_WATER, 0x11, wire("00010000") + b"\x05"), (0xD1, b"\x01"))


class Freezes(Reading):
    def test_settlement_days(self):
        self.assertEqual(self.read(_WATER, "00010001"), 2)  # no clock
        self.set_clock(calendar.to_seconds(2026, 9, 25, 7, 59, 50))
        self.assertEqual(self.read(_WATER, "00010001"), 2)  # missed
        self.home.pass_to(calendar.to_seconds(2026, 9, 25, 9, 0, 0))
        self.water.publish(quantity.VOLUME, 123500, -2, unit.M3, 990)
        self.home.pass_to(calendar.to_seconds(2026, 11, 1, 0, 0, 0))
        self.assertEqual(self.digits(_WATER, "00010000"), "00123500")
        self.assertEqual(self.digits(_WATER, "00010001"), "00123500")
        self.assertEqual(self.digits(_WATER, "00010002"), "00123456")
        self.assertEqual(self.digits(_HEAT, "00010001"), "03638493")
        self.assertEqual(self.read(_WATER, "00010003"), 2)
        self.assertEqual(self.read(_WATER, "0001000D"), 2)
        self.assertEqual(self.read(_CONVERTER, "00010001"), 2)  # it has no index
        # Blocks: of tariffs the total alone; of settlement days all twelve behind the index.
        self.assertEqual(self.digits(_WATER, "0001FF00"), "00123500")
        self.assertEqual(self.digits(_WATER, "0001FF02"), "00123456")
        self.assertEqual(
            self.digits(_WATER, "000100FF"), "F" * 80 + "00123456" + "00123500" + "00123500"
        )
        self.assertEqual(self.read(_WATER, "0001FF03"), 2)
        self.assertEqual(self.read(_CONVERTER, "000100FF"), 2)

    def test_the_unit_is_the_one_it_was_frozen_in(self):
        self.set_clock(_NOW)
        self.home.pass_to(_NOW + 10)
        # Started anew, before the meter has been heard.
        self.heat = self.home.points[2] = MeteringPoint(_HEAT, bytes((_ENERGY,)), 60)
        self.assertEqual(self.read(_HEAT, "00010000"), 2)
        self.assertEqual(self.digits(_HEAT, "05040101"), "03638493")

    def test_of_an_unknown_value_only_the_time_is_told(self):
        self.set_clock(_NOW)
        self.water.publish(quantity.VOLUME, None, -2, unit.M3, 990)
        self.home.pass_to(_NOW + 10)
        self.assertEqual(self.digits(_WATER, "05040001"), "2701010000")
        self.assertEqual(self.read(_WATER, "05040101"), 2)
        self.assertEqual(self.digits(_WATER, "0504FF01"), "FFFFFFFF" + "2701010000")
        self.assertEqual(self.read(_WATER, "0504FF02"), 2)

    def test_instantaneous(self):
        self.assertFalse(self.home.freezer.freeze(1))  # no clock
        self.set_clock(_NOW)
        for n in range(4):
            self.home.uptime_s += 60
            self.water.publish(quantity.VOLUME, n, -2, unit.M3, 990)
            self.assertTrue(self.home.freezer.freeze(1))
            if n == 2:
                self.assertTrue(self.home.freezer.commit_all())
        self.assertEqual(self.digits(_WATER, "05010001"), "2701010003")
        self.assertEqual(
            [self.digits(_WATER, f"0501010{back}") for back in (1, 2, 3, 4)],
            ["00000003", "00000002", "00000001", 2],
        )
        self.assertEqual(self.digits(_WATER, "0501FF03"), "00000001" + "2701010001")

    def test_a_keeper_that_cannot_tell_is_an_error(self):
        self.set_clock(_NOW)
        self.home.keeper.silent = True
        self.assertEqual(self.read(_WATER, "05040101"), 1)


class Blocks(Reading):
    def test_of_a_point(self):
        block = "00" * 2 + "000000000012" + "F" * 20 + "F" * 12 + "00123456"
        self.assertEqual(self.digits(_WATER, "E000FFFF"), block)
        self.set_clock(_NOW)
        block = "00" * 2 + "000000000012" + "F" * 20 + "261231235947" + "00123456"
        self.assertEqual(self.digits(_WATER, "E000FFFF"), block)
        self.assertEqual(self.digits(_CONVERTER, "E001FFFF"), block)
        block = "00" * 2 + "000000000012" + "F" * 8 + "00123456"
        self.assertEqual(self.digits(_CONVERTER, "E001FF00"), block)
        # The value and its time, in a block of their own even where it is in no other.
        self.assertEqual(self.digits(_CONVERTER, "E00101FF"), "261231235947" + "00123456")
        self.assertEqual(self.digits(_CONVERTER, "E0010901"), "261231235952")

    def test_of_what_is_not_there(self):
        self.assertEqual(self.read(_WATER, "E001FFFF"), 2)  # another's number
        self.assertEqual(self.read(_CONVERTER, "E003FFFF"), 2)
        self.assertEqual(self.read(_CONVERTER, "E0FFFFFF"), 2)
        self.assertEqual(self.read(_WATER, "FFFFFFFF"), 2)
        self.assertEqual(self.read(_WATER, "07FF0000"), 2)

    def test_a_value_that_does_not_fit_costs_only_itself(self):
        self.water.publish(quantity.VOLUME, 100000000, -2, unit.M3, 990)
        self.assertEqual(self.read(_WATER, "E0000100"), 1)
        self.assertEqual(self.digits(_WATER, "E000FF00"), "0000000000000012" + "F" * 16)


class FollowUp(Reading):
    def setUp(self):
        super().setUp()
        self.set_clock(calendar.to_seconds(2026, 3, 1, 0, 0, 1))
        for n in range(60):
            self.water.publish(quantity.VOLUME, 1000 + n, -2, unit.M3, 990)
            self.home.pass_to(calendar.to_seconds(2026, 3, 1, 1, 0, 0) + n * 3600)
        self.what = wire("050401FF")
        # The newest first: hour 60 says 1059.
        self.all = [1059 - n for n in range(60)] + [None] * 194

    def follow(self, seq, address=_WATER, what=None):
        control, data = self.ask(address, 0x12, (what or self.what) + bytes((seq,)))
        if control == 0xD2:
            return data[0]
        self.assertEqual(data[-1], seq)
        self.assertEqual(data[:4], what or self.what)
        return control, self.values(data[4:-1])

    def values(self, data):
        found = []
        for at in range(0, len(data), 4):
            part = data[at : at + 4]
            found.append(None if part == b"\xff" * 4 else int(hexed(part)))
        return found

    def begin(self, address=_WATER):
        control, data = self.ask(address, 0x11, self.what)
        return control, self.values(data[4:])

    def test_the_whole_of_it(self):
        control, got = self.begin()
        self.assertEqual((control, len(got)), (0xB1, 48))
        seq = 0
        while control & 0x20:
            seq += 1
            control, more = self.follow(seq)
            got += more
        self.assertEqual((seq, control), (5, 0x92))
        self.assertEqual(got, self.all)
        self.assertEqual(self.follow(6), 1)

    def test_repeated_and_wrong_numbers(self):
        self.assertEqual(self.follow(1), 2)  # nothing was begun
        self.begin()
        self.assertEqual([self.follow(seq) for seq in (0, 2, 255)], [1, 1, 1])
        first = self.follow(1)
        self.assertEqual(self.follow(1), first)
        self.assertEqual(self.follow(3), 1)
        second = self.follow(2)
        self.assertFalse(second == first)
        self.assertEqual(self.follow(1), 1)
        self.assertEqual(self.follow(2), second)
        self.assertEqual(self.follow(3, what=wire("050400FF")), 2)
        self.assertEqual(self.ask(_WATER, 0x12, self.what), (0xD2, b"\x01"))

    def test_what_one_reads_is_not_what_another_reads(self):
        self.begin()
        first = self.follow(1)
        self.assertEqual(self.follow(2, address=_HEAT), 2)
        self.assertEqual(self.begin(_HEAT)[0], 0xB1)
        self.follow(1, address=_HEAT)
        # Nor does a single read, or a short block, under the same address end it.
        self.read(_WATER, "00010000")
        self.read(_WATER, "E000FFFF")
        self.assertEqual(self.follow(1), first)
        self.assertEqual(self.follow(2)[0], 0xB2)

    def test_an_hour_that_ends_meanwhile_shifts_nothing(self):
        _, got = self.begin()
        self.home.pass_to(self.home.time_s() + 3600)
        self.assertEqual(got + self.follow(1)[1], self.all[:97][: len(got) + 48])
        self.assertEqual(self.begin()[1][0], 1059)
        self.assertEqual(self.begin()[1][1], 1059)
