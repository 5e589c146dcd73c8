from converter.model import calendar, change, events
from converter.model.freezes import INSTANT
from requesting import wire
from writing_bench import (
    ALL,
    ANY,
    BAUD,
    BY,
    CONVERTER,
    DENIED,
    HEAT,
    NO_DATA,
    NOW_S,
    OPERATOR,
    OTHER,
    P2,
    SILENT,
    WATER,
    Bench,
    di,
    time7,
)


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
