"""Every dialect that a layout can say, on published bodies where there are any."""

import unittest

from converter.link import cjt188
from converter.meters import cjt188 as meter
from converter.model import unit
from converter.model.point import MeteringPoint
from telegrams import HEAT_ANSWER, hexa
from test_cjt188 import SHIFTED, WATER, closed

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython has no heap to lock
    heap_lock = heap_unlock = None

VOLUME = 1
ENERGY = 2
SETTLED = 49
TIME = 51
STATUS = 52
_U = meter.UNIT_BESIDE


def answer(body):
    return closed(hexa("68101802122020000081") + bytes((3 + len(body),)) + hexa("901F01") + body)


class Point(MeteringPoint):
    def __init__(self):
        MeteringPoint.__init__(self, bytes(6), bytes((VOLUME, ENERGY, SETTLED, TIME, STATUS)), 0)

    def got(self, quantity):
        slot = self.slot(quantity)
        return self.value(slot), self.exponent(slot), self.unit(slot)


def read(layout, frame):
    point = Point()
    return point if meter.read_values(bytes(layout), frame, point, 5) else None


class Dialects(unittest.TestCase):
    def test_standard_water(self):
        rows = (VOLUME, 0, 4, 14, _U) + (SETTLED, 5, 4, 14, _U)
        point = read(rows, WATER)
        self.assertEqual(point.got(VOLUME), (200, -2, unit.M3))
        self.assertEqual(point.got(SETTLED), (200, -2, unit.M3))

    def test_unit_first_and_33_added(self):
        # 光大伟业: 0 kWh, then 29.01 and 28.74 °C.
        how = 4 | meter.UNIT_FIRST
        rows = (0, 0x33, 0, 43, 0) + (ENERGY, 6, how, 14, _U) + (VOLUME, 25, 3, 14, unit.CELSIUS)
        point = read(rows, SHIFTED)
        self.assertEqual(point.got(ENERGY), (0, 1, unit.WH))
        self.assertEqual(point.got(VOLUME), (2901, -2, unit.CELSIUS))

    def test_high_byte_first(self):
        point = read((VOLUME, 0, 4 | meter.HIGH_FIRST, 14, _U), answer(hexa("001234562C")))
        self.assertEqual(point.got(VOLUME), (123456, -2, unit.M3))

    def test_binary_in_tens_of_litres(self):
        rows = (VOLUME, 0, 4 | meter.BINARY, 14, unit.M3)
        self.assertEqual(read(rows, answer(hexa("40E20100"))).got(VOLUME), (123456, -2, unit.M3))
        absent = (0, 0, meter.ABSENT_FF, 0, 0) + rows
        self.assertIsNone(read(absent, answer(b"\xff" * 4)).got(VOLUME)[0])
        self.assertEqual(read(rows, answer(b"\xff" * 4)).got(VOLUME)[0], 0xFFFFFFFF)

    def test_no_decimals(self):
        point = read((VOLUME, 0, 4, 16, _U), answer(hexa("4770010029")))
        self.assertEqual(point.got(VOLUME), (17047, -3, unit.M3))

    def test_absent_patterns(self):
        row = (VOLUME, 0, 4, 14, _U)
        cases = (("99999999", meter.ABSENT_99), ("00000000", meter.ABSENT_00))
        for text, flag in cases:
            frame = answer(hexa(text + "2C"))
            self.assertIsNotNone(read(row, frame).got(VOLUME)[0])
            self.assertIsNone(read((0, 0, flag, 0, 0) + row, frame).got(VOLUME)[0])
        self.assertIsNone(read(row, answer(hexa("FFFFFFFF2C"))).got(VOLUME)[0])
        both = (0, 0, meter.ABSENT_99 | meter.ABSENT_00, 0, 0) + row
        self.assertEqual(read(both, answer(hexa("999999002C"))).got(VOLUME)[0], 999999)

    def test_unit_of_a_new_meter(self):
        row = (ENERGY, 0, 4, 14, _U)
        frame = answer(hexa("0000000000"))
        self.assertEqual(read(row, frame).got(ENERGY), (None, -2, unit.NONE))
        new = (0, 0, 0, 0, unit.WH) + row
        self.assertEqual(read(new, frame).got(ENERGY), (0, -2, unit.WH))
        self.assertIsNone(read(new, answer(hexa("0100000000"))).got(ENERGY)[0])

    def test_clock_in_either_order(self):
        low = (TIME, 0, 7 | meter.CLOCK, 16, unit.NONE)
        high = (TIME, 0, 7 | meter.CLOCK | meter.HIGH_FIRST, 16, unit.NONE)
        self.assertEqual(read(low, answer(hexa("30240908011320"))).got(TIME)[0], 20130108092430)
        self.assertEqual(read(high, answer(hexa("20200528205824"))).got(TIME)[0], 20200528205824)
        for text in ("00000000000000", "20200528205824", "FFFFFFFFFFFFFF", "60240908011320"):
            self.assertIsNone(read(low, answer(hexa(text))).got(TIME)[0])

    def test_status_is_bits(self):
        rows = (0, 0, meter.ABSENT_00 | meter.ABSENT_99, 0, 0)
        rows += (STATUS, 0, 2 | meter.BINARY, 16, unit.NONE)
        self.assertEqual(read(rows[5:], answer(hexa("0408"))).got(STATUS)[0], 0x0804)

    def test_length_of_the_body(self):
        rows = (0, 0, 0, 19, 0) + (VOLUME, 0, 4, 14, _U)
        self.assertIsNotNone(read(rows, WATER))
        self.assertIsNone(read(rows, HEAT_ANSWER))
        self.assertIsNone(read(rows, answer(hexa("000200002C"))))

    def test_short_answers(self):
        row = (VOLUME, 0, 4, 14, unit.M3)
        self.assertEqual(read((0, 0, 0, 4, 0) + row, answer(hexa("00020000"))).got(VOLUME)[0], 200)
        for n in range(4):
            self.assertIsNone(read(row, answer(bytes(n))))
            self.assertIsNone(read((VOLUME, 0, 4, 14, _U), answer(bytes(n + 1))))

    def test_the_last_byte_may_be_the_number_with_the_unit_first(self):
        row = (VOLUME, 1, 4 | meter.UNIT_FIRST, 14, _U)
        self.assertEqual(read(row, answer(hexa("2C00020000"))).got(VOLUME)[0], 200)
        self.assertIsNone(read(row, answer(hexa("2C000200"))))


class Allocation(unittest.TestCase):
    def test_reading_allocates_nothing(self):
        if heap_lock is None:
            return
        rows = (0, 0, meter.ABSENT_99, 43, 0) + (ENERGY, 5, 4, 14, _U)
        layout = bytes(rows + (VOLUME, 20, 4, 14, _U) + (STATUS, 41, 2 | meter.BINARY, 16, 0))
        point = Point()
        frame = memoryview(HEAT_ANSWER)
        meter.read_values(layout, frame, point, 5)
        heap_lock()
        try:
            sound = meter.read_values(layout, frame, point, 6)
            length = cjt188.frame_len(frame, 0, 59)
            verdict = cjt188.accept(frame, frame)
        finally:
            heap_unlock()
        self.assertTrue(sound)
        self.assertEqual((length, verdict), (59, cjt188.NOT_OURS))
        self.assertEqual(point.got(VOLUME), (710782, -2, unit.M3))
