"""Blocks and what follows them (11H, 12H)."""

from converter.model import calendar, quantity, unit
from reading_bench import _CONVERTER, _HEAT, _NOW, _WATER, Reading, hexed
from requesting import wire


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
