import unittest

from converter.model.total import Total


class Index(unittest.TestCase):
    def test_one_pulse_one_unit(self):
        total = Total(1, 1, -2, 7)
        self.assertEqual((total.index(), total.net, total.exponent), (0, 0, -2))
        total.base = 123450
        total.add(7, 0)
        self.assertEqual((total.index(), total.net), (123457, 7))

    def test_rolls_over_as_the_dial_does(self):
        total = Total(1, 1, 0, 4)
        total.base = 9998
        shown = []
        for _ in range(4):
            total.add(1, 0)
            shown.append(total.index())
        for _ in range(5):
            total.add(0, 1)
            shown.append(total.index())
        self.assertEqual(shown, [9999, 0, 1, 2, 1, 0, 9999, 9998, 9997])

    def test_round_the_dial_many_times(self):
        total = Total(10, 1, -3, 3)
        total.base = 995
        total.add(12345, 0)
        self.assertEqual(total.index(), (995 + 123450) % 1000)
        total.add(0, 2 * 12345)
        self.assertEqual(total.index(), (995 - 123450) % 1000)

    def test_a_fraction_never_drifts(self):
        # 3/7 of a unit a pulse: after seven pulses three units, whatever came between.
        total = Total(3, 7, -3, 12)
        for n in range(1, 701):
            total.add(1, 0)
            self.assertEqual(total.index(), n * 3 // 7)
        for n in range(699, -1, -1):
            total.add(0, 1)
            self.assertEqual(total.index(), n * 3 // 7)
        total.add(2**40 * 7, 0)
        self.assertEqual(total.index(), 2**40 * 3 % 10**12)

    def test_backwards_through_zero_with_a_fraction(self):
        # A third of a unit back is no longer the unit that the dial has just shown.
        total = Total(1, 3, 0, 4)
        shown = []
        for _ in range(4):
            total.add(0, 1)
            shown.append(total.index())
        self.assertEqual(shown, [9999, 9999, 9999, 9998])

    def test_a_lifetime(self):
        for pulses in (2**30, 2**31, 2**32, 2**40 + 1, 2**53 + 1, 2**63):
            total = Total(1, 1, 0, 25)
            total.add(pulses, 0)
            total.add(1, 0)
            total.add(0, 2)
            self.assertEqual(total.index(), pulses - 1)
            self.assertEqual((total.forward, total.reverse), (pulses + 1, 2))
            self.assertEqual(total.net, pulses - 1)

    def test_units_of_the_registers(self):
        total = Total(5, 2, -3, 8)
        total.add(2**40 + 1, 3)
        self.assertEqual(total.units(total.forward), (2**40 + 1) * 5 // 2)
        self.assertEqual(total.units(total.reverse), 7)


class BaseFor(unittest.TestCase):
    def test_the_dial_shows_it_at_once(self):
        for num, den in ((1, 1), (3, 7), (100, 1)):
            for forward, reverse in ((0, 0), (5, 0), (0, 5), (2**41 + 3, 17), (3, 10**9)):
                for index in (0, 1, 4999, 9999):
                    total = Total(num, den, 0, 4)
                    total.add(forward, reverse)
                    total.base = total.base_for(index)
                    self.assertTrue(0 <= total.base <= 9999)
                    self.assertEqual(total.index(), index, (num, den, forward, reverse))

    def test_a_dial_with_fewer_digits(self):
        total = Total(1, 1, 0, 4)
        for index in (-1, 10000, 2**40):
            self.assertIsNone(total.base_for(index))
        self.assertEqual(total.base, 0)
