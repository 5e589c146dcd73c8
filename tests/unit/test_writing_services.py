import unittest

import stations
from converter.link import dlt645
from converter.model import calendar, change, events, quantity, unit
from converter.model.freezes import INSTANT
from converter.model.point import DEFAULT_PASSWORD, MeteringPoint
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


class Clock(Bench):
    def test_date_and_time(self):
        got = self.ask(CONVERTER, 0x14, di("0400010C") + BY + time7(2030, 12, 31, 23, 59, 58))
        self.assertEqual(got, (0x94, CONVERTER, b""))
        wanted = calendar.to_seconds(2030, 12, 31, 23, 59, 58)
        self.assertEqual(self.home.time_s(), wanted)
        self.assertEqual(self.written(), (change.CLOCK, 0, 4, 0, 0x12345678, NOW_S, NOW_S, wanted))
        self.assertEqual(self.home.seen, [(events.WRITTEN, change.CLOCK, 0)])

    def test_date_or_time_alone(self):
        self.ask(CONVERTER, 0x14, di("04000101") + BY + b"\x03\x01\x05\x27")
        self.assertEqual(self.home.time_s(), calendar.to_seconds(2027, 5, 1, 12, 0, 0))
        self.ask(CONVERTER, 0x14, di("04000102") + BY + b"\x59\x58\x07")
        self.assertEqual(self.home.time_s(), calendar.to_seconds(2027, 5, 1, 7, 58, 59))

    def test_refused(self):
        for code, value in (
            ("0400010C", time7(2026, 2, 29, 12, 0, 0)),
            ("0400010C", time7(2026, 3, 25, 24, 0, 0)),
            ("0400010C", b"\x0a" + time7(2026, 3, 25, 12, 0, 0)[1:]),
            ("0400010C", time7(2026, 3, 25, 12, 0, 0)[:6]),
            ("0400010C", time7(2026, 3, 25, 12, 0, 0) + b"\0"),
            ("04000102", b"\x00\x60\x12"),
            ("04000101", b"\x00\x00\x01\x26"),
        ):
            self.refused(OTHER, CONVERTER, 0x14, di(code) + BY + value)
        self.start(time_s=0)
        self.refused(OTHER, CONVERTER, 0x14, di("04000102") + BY + b"\x00\x00\x12")
        self.refused(OTHER, CONVERTER, 0x14, di("04000101") + BY + b"\x00\x01\x01\x26")

    def test_not_kept_not_set(self):
        self.keeper.fails = "before"
        value = time7(2030, 1, 1, 0, 0, 0)
        self.refused(OTHER, CONVERTER, 0x14, di("0400010C") + BY + value)
        self.assertEqual(self.home.time_s(), NOW_S)


class Passwords(Bench):
    REQUEST = di("0400010C"), time7(2026, 3, 26, 12, 0, 0)

    def write(self, by):
        return self.ask(CONVERTER, 0x14, self.REQUEST[0] + by + self.REQUEST[1])

    def test_default_says_so(self):
        self.assertTrue(self.home.points[0].status & DEFAULT_PASSWORD)
        self.assertEqual(self.set(P2, b"\x02\x11\x22\x33")[0], 0x98)
        self.assertTrue(self.home.points[0].status & DEFAULT_PASSWORD)
        self.assertEqual(self.set(P4, b"\x04\x44\x55\x66"), (0x98, CONVERTER, b"\x04\x44\x55\x66"))
        self.assertFalse(self.home.points[0].status & DEFAULT_PASSWORD)
        self.start()
        self.assertFalse(self.home.points[0].status & DEFAULT_PASSWORD)
        self.assertEqual(self.write(BY), (0xD4, CONVERTER, DENIED))
        self.assertEqual(self.write(b"\x04\x44\x55\x66" + OPERATOR), (0x94, CONVERTER, b""))
        self.assertEqual(self.write(b"\x02\x11\x22\x33" + OPERATOR), (0x94, CONVERTER, b""))

    def set(self, old, new):
        code = di("04000C03" if new[0] == 2 else "04000C05")
        return self.ask(CONVERTER, 0x18, code + old + new)

    def test_a_higher_level_sets_a_lower_one(self):
        self.set(P2, b"\x02\x11\x22\x33")
        self.assertEqual(self.set(b"\x02\x11\x22\x33", b"\x04\x44\x55\x66")[0], 0x98)
        self.assertEqual(self.set(b"\x04\x44\x55\x66", b"\x02\x77\x77\x77")[0], 0xD8)
        # No password stands anywhere but in its record.
        for name in self.keeper.files:
            for secret in (b"\x11\x22\x33", b"\x44\x55\x66"):
                self.assertEqual(secret in self.keeper.files[name], name == "parameters")

    def test_refused(self):
        code = di("04000C05")
        self.refused(NO_DATA, CONVERTER, 0x18, di("04000D05") + P4 + P4)
        self.refused(NO_DATA, CONVERTER, 0x18, code + P2 + b"\x03\0\0\0")
        self.refused(OTHER, CONVERTER, 0x18, code + P4)
        self.refused(OTHER, CONVERTER, 0x18, code + P4 + P4 + b"\0")
        self.keeper.fails = "before"
        self.refused(OTHER, CONVERTER, 0x18, code + P4 + b"\x04\x01\x02\x03")
        self.assertEqual(self.parameters().password(4), b"\0\0\0")

    def test_the_security_chips_levels(self):
        for pa in (0x98, 0x99):
            by = bytes((pa,)) + b"\0\0\0" + OPERATOR
            self.refused(DENIED, CONVERTER, 0x14, self.REQUEST[0] + by + self.REQUEST[1])

    def test_locked_over_a_restart(self):
        wrong = b"\x04\x09\x09\x09" + OPERATOR
        for _ in range(3):
            self.assertEqual(self.write(wrong), (0xD4, CONVERTER, DENIED))
        self.assertEqual(self.home.seen[-1][:1], (events.LOCKED,))
        self.refused(DENIED, CONVERTER, 0x14, self.REQUEST[0] + BY + self.REQUEST[1])
        self.refused(DENIED, CONVERTER, 0x18, di("04000C05") + P4 + P4)
        self.refused(DENIED, CONVERTER, 0x1B, BY + b"\xff" * 4)
        self.start()
        self.home.uptime_s = 599
        self.refused(DENIED, CONVERTER, 0x14, self.REQUEST[0] + BY + self.REQUEST[1])
        self.home.uptime_s = 600
        self.assertEqual(self.write(BY), (0x94, CONVERTER, b""))

    def test_an_unlock_is_kept(self):
        for _ in range(3):
            self.write(b"\x04\x09\x09\x09" + OPERATOR)
        self.home.uptime_s = 600
        self.assertTrue(self.home.access.unlocks(600))
        self.home.change("unlock")
        self.start()
        self.assertEqual(self.write(BY), (0x94, CONVERTER, b""))


class Addresses(Bench):
    NEW = wire("000000000777")

    def test_with_14_the_answer_still_comes_from_the_old_one(self):
        self.open()
        got = self.ask(CONVERTER, 0x14, di("04000401") + BY + self.NEW)
        self.assertEqual(got, (0x94, CONVERTER, b""))
        self.assertIsNone(self.ask(CONVERTER, 0x13))
        for _ in range(2):
            self.assertEqual(self.ask(ANY, 0x13), (0x93, "000000000777", self.NEW))
            self.start()
        self.assertEqual(self.written(), (change.ADDRESS, 0, 4, 0, 0x12345678, NOW_S, 1, 777))

    def test_with_15_it_comes_from_the_new_one(self):
        self.open()
        self.assertEqual(self.ask(ANY, 0x15, self.NEW), (0x95, "000000000777", b""))
        self.start()
        self.assertEqual(self.ask(ANY, 0x13), (0x93, "000000000777", self.NEW))

    def test_of_a_point(self):
        self.open()
        self.ask(WATER, 0x14, di("04000401") + BY + self.NEW)
        self.start()
        self.open()
        # Its freezes and totals are still its own.
        self.assertEqual(self.ask("000000000777", 0x16, b"\x99" * 4)[0], 0x96)
        self.assertEqual(self.home.freezer.past(1, INSTANT, 1)[1][1], 0)
        got = self.ask("000000000777", 0x14, di("04000401") + BY + wire(WATER))
        self.assertEqual(got, (0x94, "000000000777", b""))
        self.assertEqual(self.home.freezer.past(1, INSTANT, 1)[0], NOW_S)
        self.assertEqual(self.parameters().address(wire(WATER)), wire(WATER))

    def test_only_in_the_window(self):
        self.refused(DENIED, CONVERTER, 0x14, di("04000401") + BY + self.NEW)
        self.refused(SILENT, ANY, 0x15, self.NEW)
        self.open()
        self.home.uptime_s = 300
        self.refused(DENIED, CONVERTER, 0x14, di("04000401") + BY + self.NEW)
        self.refused(SILENT, ANY, 0x15, self.NEW)

    def test_refused(self):
        self.open()
        for digits in (
            "000000000301",
            "999999999999",
            "000000000000",
            "AAAAAAAAAAAA",
            "00000000000F",
        ):
            self.refused(OTHER, CONVERTER, 0x14, di("04000401") + BY + wire(digits))
            self.refused(SILENT, ANY, 0x15, wire(digits))
        self.refused(SILENT, ANY, 0x15, self.NEW[:5])
        self.refused(SILENT, ALL, 0x15, self.NEW)
        self.refused(SILENT, CONVERTER, 0x15, self.NEW)
        self.refused(SILENT, "AAAAAAAAAA01", 0x15, self.NEW)
        self.keeper.fails = "before"
        self.refused(SILENT, ANY, 0x15, self.NEW)
        self.refused(OTHER, CONVERTER, 0x14, di("04000401") + BY + self.NEW)


class BoundToAPoint(Bench):
    bound = 1

    def test_15_is_for_the_bound_one(self):
        self.open()
        self.assertEqual(self.ask(ANY, 0x15, wire("000000000777")), (0x95, "000000000777", b""))
        self.assertEqual(self.home.points[1].address, wire("000000000777"))


class Dials(Bench):
    VALUE = b"\x10\x32\x54\x00\x02"  # 5432.10 m3, corrected

    def test_the_base_reading(self):
        for address, code in ((WATER, "E0004300"), (CONVERTER, "E0014300")):
            self.start()
            self.open()
            old = self.input.kept.total.index()
            got = self.ask(address, 0x14, di(code) + BY + self.VALUE)
            self.assertEqual(got, (0x94, address, b""))
            self.assertEqual(self.home.points[1].value(0), 5432100)
            self.assertEqual(self.written()[:4], (change.DIAL, 1, 4, 0))
            self.assertEqual(self.written()[6:], (old, 5432100))
            self.assertEqual(self.home.presets.newest(0)[:3], (1, 2, 0))
            told = [(events.PRESET, 1), (events.WRITTEN, change.DIAL)]
            self.assertEqual([event[:2] for event in self.home.seen], told)
        self.start()
        self.assertEqual(self.input.kept.total.index(), 5432100)

    def test_refused(self):
        self.refused(DENIED, WATER, 0x14, di("E0004300") + BY + self.VALUE)
        self.open()
        for reason in (0, 4, 0x10, 0x0A):
            value = self.VALUE[:4] + bytes((reason,))
            self.refused(OTHER, WATER, 0x14, di("E0004300") + BY + value)
        self.refused(OTHER, WATER, 0x14, di("E0004300") + BY + b"\0\0\0\x10\x02")  # 9 digits
        self.refused(OTHER, WATER, 0x14, di("E0004300") + BY + b"\xaa" + self.VALUE[1:])
        self.refused(OTHER, HEAT, 0x14, di("E0004300") + BY + self.VALUE)
        self.refused(OTHER, CONVERTER, 0x14, di("E0004300") + BY + self.VALUE)
        self.refused(NO_DATA, CONVERTER, 0x14, di("E0034300") + BY + self.VALUE)
        self.refused(NO_DATA, WATER, 0x14, di("E0014300") + BY + self.VALUE)
        self.keeper.fails = "before"
        self.refused(OTHER, WATER, 0x14, di("E0004300") + BY + self.VALUE)
        self.assertEqual(self.input.kept.total.index(), 0)


class OtherWrites(Bench):
    def test_settlement_day(self):
        by = P2 + OPERATOR
        got = self.ask(CONVERTER, 0x14, di("04000B01") + by + b"\x08\x25")
        self.assertEqual(got, (0x94, CONVERTER, b""))
        for _ in range(2):
            self.assertEqual(self.home.freezer.settlement, (25, 8, 1))
            self.start()
        self.assertEqual(self.written()[6:], (100, 2508))
        self.refused(DENIED, CONVERTER, 0x14, di("04000B01") + BY + b"\x08\x25")  # level 02
        for value in (b"\x24\x01", b"\x00\x29", b"\x00\x00", b"\x0a\x01"):
            self.refused(OTHER, CONVERTER, 0x14, di("04000B01") + by + value)

    def test_alarms(self):
        for number, address, code in ((1, WATER, "E0001100"), (0, CONVERTER, "E0001100")):
            alarms = (self.home.kept_events if number == 0 else self.input.kept).alarms
            alarms.judge(3, True, 0)
            alarms.judge(3, False, 0)
            alarms.judge(5, True, 0)
            got = self.ask(address, 0x14, di(code) + BY + b"\0\0")
            self.assertEqual(got, (0x94, address, b""))
            self.assertEqual(alarms.latched, 32)  # what still holds
            self.assertEqual(self.written()[6:], (40, 32))
        self.refused(OTHER, WATER, 0x14, di("E0001100") + BY + b"\x08\0")
        self.refused(OTHER, HEAT, 0x14, di("E0001100") + BY + b"\0\0")

    def test_events(self):
        self.home.record_event(events.GAP, 1)
        for by in (BY, P2 + OPERATOR):
            del self.home.seen[:]
            self.assertEqual(self.ask(CONVERTER, 0x1B, by + b"\xff" * 4), (0x9B, CONVERTER, b""))
            told = [(events.EVENTS_CLEARED, 0), (events.WRITTEN, change.EVENTS)]
            self.assertEqual([event[:2] for event in self.home.seen], told)
            log = self.home.kept_events.events
            self.assertEqual(
                [log.newest(back)[0] for back in (0, 1)], [events.WRITTEN, events.EVENTS_CLEARED]
            )
            self.assertIsNone(log.newest(2))
            self.assertEqual(self.written()[:2], (change.EVENTS, 0))
        self.refused(NO_DATA, CONVERTER, 0x1B, BY + b"\xff\x01\x01\x03")
        self.refused(OTHER, CONVERTER, 0x1B, BY)
        self.keeper.fails = "before"
        self.refused(OTHER, CONVERTER, 0x1B, BY + b"\xff" * 4)

    def test_form(self):
        value = time7(2026, 3, 26, 12, 0, 0)
        self.refused(NO_DATA, CONVERTER, 0x14, di("04000103") + BY + value)
        self.refused(NO_DATA, WATER, 0x14, di("00010000") + BY + value)
        self.refused(OTHER, CONVERTER, 0x14, di("0400010C") + BY[:7])
        self.refused(OTHER, CONVERTER, 0x14, di("0400010C") + BY + bytes(39))  # L = 51
        self.refused(SILENT, ALL, 0x14, di("0400010C") + BY + value)
        # Any other error than one password is told before that is tried.
        self.assertEqual(self.parameters().guard, (0, 0, 0))

    def test_lost_parameters_refuse_every_write(self):
        self.ask(CONVERTER, 0x14, di("0400010C") + BY + time7(2026, 3, 26, 12, 0, 0))
        self.home.change("set_password", (2, 0), 4, b"\x01\x02\x03")
        self.keeper.files["parameters"] = self.keeper.files["parameters"][:-1]
        self.start()
        self.assertTrue(events.RECORD_LOST in [event[0] for event in self.home.seen])
        self.open()
        value = time7(2026, 3, 27, 12, 0, 0)
        self.refused(OTHER, CONVERTER, 0x14, di("0400010C") + BY + value)
        self.refused(SILENT, ANY, 0x15, wire("000000000777"))
        self.refused(BAUD, CONVERTER, 0x17, b"\x20")
        self.home.change("restored")
        self.assertEqual(self.ask(CONVERTER, 0x14, di("0400010C") + BY + value)[0], 0x94)


class BroadcastTime(Bench):
    def told(self, seconds, address=ALL):
        parts = calendar.from_seconds(seconds)
        data = bytes([_bcd(parts[i] % 100) for i in (5, 4, 3, 2, 1, 0)])
        self.assertIsNone(self.ask(address, 0x08, data))
        return self.home.time_s() == seconds

    def test_within_five_minutes_once_a_day(self):
        self.assertTrue(self.told(NOW_S + 300))
        self.assertFalse(self.told(NOW_S + 301))
        self.start(NOW_S + 301)
        self.assertFalse(self.told(NOW_S + 302))  # kept over a restart
        self.start(NOW_S + 86400)
        for off_s in (301, -301, 86400, -86400):
            self.assertFalse(self.told(NOW_S + 86400 + off_s))
        self.assertTrue(self.told(NOW_S + 86400 - 300, CONVERTER))

    def test_not_about_midnight(self):
        midnight_s = NOW_S - 12 * 3600 + 86400
        for now_s, told_s, taken in (
            (midnight_s - 300, midnight_s - 310, False),
            (midnight_s - 310, midnight_s - 300, False),
            (midnight_s - 301, midnight_s - 310, True),
            (midnight_s + 300, midnight_s + 310, False),
            (midnight_s + 310, midnight_s + 300, False),
            (midnight_s, midnight_s + 100, False),
            (midnight_s + 302, midnight_s + 301, True),
        ):
            self.keeper.files.clear()
            self.start(now_s)
            self.assertEqual(self.told(told_s), taken, (now_s - midnight_s, told_s - midnight_s))

    def test_the_first_plausible_one_while_ours_is_unknown(self):
        self.start(0)
        for bad in (
            b"\x00\x00\x12\x01\x01\x00",
            b"\x00\x00\x12\x29\x02\x27",
            b"\x00\x60\x12\x01\x01\x27",
        ):
            self.assertIsNone(self.ask(ALL, 0x08, bad))
            self.assertEqual(self.home.time_s(), 0)
        midnight = calendar.to_seconds(2044, 1, 1, 0, 0, 0)
        self.assertTrue(self.told(midnight))
        self.start(0)
        self.assertTrue(self.told(midnight + 5))  # the same day again: what was lost, was lost

    def test_refused(self):
        for data in (b"", b"\0" * 5, b"\0" * 7, b"\xaa" * 6):
            self.refused(SILENT, ALL, 0x08, data)
        self.keeper.fails = "before"
        self.assertFalse(self.told(NOW_S + 10))


class Freezes(Bench):
    def test_at_once(self):
        self.assertEqual(self.ask(HEAT, 0x16, b"\x99" * 4), (0x96, HEAT, b""))
        self.home.uptime_s = 5
        self.assertEqual(self.ask(CONVERTER, 0x16, b"\x99" * 4), (0x96, CONVERTER, b""))
        self.home.uptime_s = 9
        self.assertIsNone(self.ask(ALL, 0x16, b"\x99" * 4))
        self.start()
        moments = [
            [self.home.freezer.past(i, INSTANT, back) for back in (1, 2, 3)] for i in (1, 2)
        ]
        moments = [[each and each[0] - NOW_S for each in point] for point in moments]
        self.assertEqual(moments, [[9, 5, None], [9, 5, 0]])
        self.assertEqual(self.home.freezer.past(2, INSTANT, 1)[1][1:], (77, unit.WH << 13, 3, 0))

    def test_that_cannot_be_kept_or_timed(self):
        self.keeper.fails = "before"
        self.assertEqual(self.ask(HEAT, 0x16, b"\x99" * 4), (0xD6, HEAT, OTHER))
        self.keeper.fails = None
        self.start(0)
        self.refused(OTHER, HEAT, 0x16, b"\x99" * 4)

    def test_patterns(self):
        for data, pattern in (
            (b"\x30\x08\x25\x99", (25, 8, 30)),
            (b"\x00\x00\x99\x99", (0x99, 0, 0)),
            (b"\x59\x99\x99\x99", (0x99, 0x99, 59)),
        ):
            self.home.access.open(self.home.uptime_s, 0, 1)
            self.refused(DENIED, CONVERTER, 0x16, data)
            self.open()
            self.assertEqual(self.ask(CONVERTER, 0x16, data), (0x96, CONVERTER, b""))
            self.start()
            self.assertEqual(self.home.freezer.pattern, pattern)
        self.assertEqual(self.written()[:2] + self.written()[6:], (9, 0, 0x990000, 0x99993B))

    def test_no_patterns(self):
        self.open()
        for data in (
            b"\x30\x08\x25\x03",
            b"\x60\x99\x99\x99",
            b"\x30\x24\x99\x99",
            b"\x30\x08\x29\x99",
            b"\x30\x08\x00\x99",
            b"\x30\x99\x25\x99",
            b"\x99\x08\x25\x99",
            b"\x0a\x08\x25\x99",
            b"\x99\x99\x99",
            b"\x99\x99\x99\x99\x99",
        ):
            self.refused(OTHER, CONVERTER, 0x16, data)
            self.refused(SILENT, ALL, 0x16, data)


class Baud(Bench):
    def test_from_the_next_request_on(self):
        for code, baud in ((2, 600), (4, 1200), (8, 2400), (16, 4800), (32, 9600), (64, 19200)):
            self.open()
            before = self.home.baud
            n = self.station.handle(frame(CONVERTER, 0x17, bytes((code,))), self.out)
            self.assertEqual((n, self.out[8], self.out[10]), (13, 0x97, code + 0x33))
            self.assertEqual(self.home.baud, before)
            self.home.answered()
            self.assertEqual(self.home.baud, baud)
            self.start()
            self.assertEqual(self.home.baud, baud)
        self.assertEqual(self.written()[6:], (9600, 19200))
        self.refused(DENIED, CONVERTER, 0x17, b"\x08")

    def test_refused(self):
        self.open()
        for data in (b"", b"\x01", b"\x80", b"\x0c", b"\x00", b"\x08\x08"):
            self.refused(BAUD, CONVERTER, 0x17, data)
        self.refused(SILENT, ALL, 0x17, b"\x20")
        self.keeper.fails = "before"
        self.refused(BAUD, CONVERTER, 0x17, b"\x20")
