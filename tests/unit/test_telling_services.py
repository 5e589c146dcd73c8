from converter.model import calendar, unit
from converter.model.freezes import INSTANT
from requesting import frame
from writing_bench import ALL, BAUD, CONVERTER, DENIED, HEAT, NOW_S, OTHER, SILENT, Bench, _bcd


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
