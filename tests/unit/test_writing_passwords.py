from converter.model import events
from converter.model.point import DEFAULT_PASSWORD
from writing_bench import (
    BY,
    CONVERTER,
    DENIED,
    NO_DATA,
    OPERATOR,
    OTHER,
    P2,
    P4,
    Bench,
    di,
    time7,
)


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
