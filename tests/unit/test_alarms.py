import unittest

from converter.model import alarms
from converter.model.alarms import Alarms

NAMES = (
    "OVER_FLOW",
    "LEAK",
    "BURST",
    "NO_CONSUMPTION",
    "BACKFLOW",
    "TAMPER",
    "CABLE_CUT",
    "CABLE_SHORT",
    "MAGNET",
    "LOW_SUPPLY",
    "CLOCK_LOST",
)
T = 825675630


class Judged(unittest.TestCase):
    def test_the_bits_stand_in_records(self):
        self.assertEqual([getattr(alarms, name) for name in NAMES], list(range(alarms.COUNT)))

    def test_begins_once_and_ends(self):
        for bit in range(alarms.COUNT):
            found = Alarms()
            self.assertFalse(found.judge(bit, False, T))
            self.assertFalse(found.dirty)
            self.assertTrue(found.judge(bit, True, T))
            self.assertTrue(found.dirty)
            self.assertEqual((found.active, found.latched), (1 << bit, 1 << bit))
            self.assertFalse(found.judge(bit, True, T + 1))  # goes on
            self.assertEqual(found.entry(bit), (1, T))
            self.assertFalse(found.judge(bit, False, T + 2))
            self.assertEqual((found.active, found.latched), (0, 1 << bit))
            self.assertTrue(found.judge(bit, True, T + 3))
            self.assertEqual(found.entry(bit), (2, T + 3))
            for other in range(alarms.COUNT):
                if other != bit:
                    self.assertEqual(found.entry(other), (0, 0))

    def test_several_at_once(self):
        found = Alarms()
        for bit in range(alarms.COUNT):
            self.assertTrue(found.judge(bit, True, T + bit))
        self.assertEqual(found.active, (1 << alarms.COUNT) - 1)
        found.judge(alarms.LEAK, False, T)
        self.assertEqual(found.active, (1 << alarms.COUNT) - 1 - (1 << alarms.LEAK))
        for bit in range(alarms.COUNT):
            self.assertEqual(found.entry(bit), (1, T + bit))

    def test_without_a_clock(self):
        found = Alarms()
        found.judge(alarms.TAMPER, True, 0)
        self.assertEqual(found.entry(alarms.TAMPER), (1, 0))

    def test_the_latest_time_of_the_century(self):
        found = Alarms()
        found.judge(alarms.CLOCK_LOST, True, 3155759999)
        self.assertEqual(found.entry(alarms.CLOCK_LOST), (1, 3155759999))

    def test_the_counter_stays_at_its_end(self):
        found = Alarms()
        for n in range(0x10002):
            found.judge(alarms.MAGNET, True, n)
            found.judge(alarms.MAGNET, False, n)
        self.assertEqual(found.entry(alarms.MAGNET), (0xFFFF, 0x10001))
        self.assertEqual(found.entry(alarms.CABLE_SHORT), (0, 0))
        self.assertEqual(found.entry(alarms.LOW_SUPPLY), (0, 0))


class Cleared(unittest.TestCase):
    def setUp(self):
        self.found = Alarms()
        self.found.judge(alarms.LEAK, True, T)
        self.found.judge(alarms.BURST, True, T)
        self.found.judge(alarms.BURST, False, T)
        self.found.judge(alarms.TAMPER, True, T)
        self.found.judge(alarms.TAMPER, False, T)
        self.found.dirty = False

    def test_what_still_holds_stays(self):
        self.found.clear(0xFFFF)
        self.assertEqual(self.found.latched, 1 << alarms.LEAK)
        self.assertTrue(self.found.dirty)
        self.found.judge(alarms.LEAK, False, T)
        self.assertEqual(self.found.latched, 1 << alarms.LEAK)
        self.found.clear(0xFFFF)
        self.assertEqual(self.found.latched, 0)

    def test_only_what_is_named(self):
        self.found.clear(1 << alarms.TAMPER)
        self.assertEqual(self.found.latched, 1 << alarms.LEAK | 1 << alarms.BURST)

    def test_counter_and_time_stay(self):
        self.found.clear(0xFFFF)
        self.assertEqual(self.found.entry(alarms.BURST), (1, T))
        self.found.judge(alarms.BURST, True, T + 9)
        self.assertEqual(self.found.entry(alarms.BURST), (2, T + 9))
