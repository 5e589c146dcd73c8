import unittest

from converter.model import unit
from converter.model.plausible import Index

VOLUME, ENERGY = 1, 2


class Readings(unittest.TestCase):
    def start(self, most=0, exponent=0, quantity=VOLUME):
        self.index = Index(quantity, most, exponent)
        self.quantity = quantity

    def says(self, value, time_s, exponent=-3, base=unit.M3, keep=True):
        self.index.publish(self.quantity, value, exponent, base, time_s)
        plausible = self.index.is_plausible()
        if keep:
            self.index.keep()
        return plausible

    def test_whatever_comes_first(self):
        self.start(5)
        self.assertTrue(self.says(99999999, 10))

    def test_a_fall(self):
        self.start()
        self.says(1000, 10)
        self.assertTrue(self.says(1000, 20))
        self.assertFalse(self.says(999, 30))
        self.assertTrue(self.says(999, 40))

    def test_another_reading_instead_of_the_doubted_one(self):
        self.start()
        self.says(1000, 10)
        self.assertFalse(self.says(0, 20, keep=False))
        self.assertTrue(self.says(1001, 20))

    def test_a_rise_without_a_limit(self):
        self.start()
        self.says(0, 10)
        self.assertTrue(self.says(10**12, 11))

    def test_as_fast_as_the_meter_can_and_no_faster(self):
        # 3.6 m3/h: a litre a second, and one of rounding, and one for the clock.
        for fastest in (62, 63):
            self.start(36, -1)
            self.says(1000, 100)
            self.assertEqual(self.says(1000 + fastest, 160), fastest == 62)

    def test_an_index_renewed_now_and_then(self):
        self.start(36, -1)
        self.says(1000, 0)
        for time_s in range(60, 900, 60):
            self.assertTrue(self.says(1000, time_s))
        self.assertTrue(self.says(1900, 900))
        # But not what a week of standing still would allow.
        self.start(36, -1)
        self.says(1000, 0)
        for hour in range(1, 169):
            self.says(1000, hour * 3600)
        self.assertFalse(self.says(1000 + 3600 + 3, 168 * 3600 + 60))

    def test_after_a_long_silence(self):
        self.start(36, -1)
        self.says(1000, 0)
        self.assertTrue(self.says(1000 + 86400, 86400))

    def test_another_resolution(self):
        self.start(36, -1)
        self.says(100000, 0)
        self.assertTrue(self.says(100, 60, exponent=0))
        self.assertFalse(self.says(99, 120, exponent=0))
        self.assertTrue(self.says(99000, 180))
        self.assertFalse(self.says(98999, 240))

    def test_energy_in_joules(self):
        # 100 kW for a minute are 6 MJ.
        for mega, plausible in ((7, True), (8, False)):
            self.start(1, 5, ENERGY)
            self.says(1000, 0, 6, unit.J)
            self.assertEqual(self.says(1000 + mega, 60, 6, unit.J), plausible)

    def test_a_change_of_unit(self):
        self.start(1, 5, ENERGY)
        self.says(1000, 0, 6, unit.J)
        self.assertFalse(self.says(1000, 60, 6, unit.WH))
        self.assertTrue(self.says(1000, 120, 6, unit.WH))

    def test_what_is_unknown_is_not_judged(self):
        self.start(5)
        self.says(1000, 0)
        self.assertTrue(self.says(None, 60))
        self.assertFalse(self.says(999, 120))

    def test_other_quantities_are_not_judged(self):
        self.start(5)
        self.says(1000, 0)
        self.index.publish(ENERGY, 1, 0, unit.WH, 60)
        self.assertTrue(self.index.is_plausible())
