"""What is to be reported, kept until it was told."""

import unittest

from converter.model import events
from converter.model.events import CAPACITY, Events
from converter.store.record import ABSENT, FOREIGN, UNREADABLE
from converter.store.reports import KeptReports
from converter.store.told import Told
from memory_keeper import MemoryKeeper

OWNER = b"ours"
T = 825675630  # 2026-03-01 10:20:30
SILENT_BIT, LEAK_BIT, CLOCK_BIT = 81, 85, 14
ROWS = bytes(
    (events.METER_SILENT, 255, SILENT_BIT)
    + (events.ALARM, 1, LEAK_BIT)
    + (events.CLOCK_LOST, 255, CLOCK_BIT)
)


class Kept(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        self.log = Events()
        self.kept, _ = self.loaded()

    def loaded(self):
        kept = KeptReports(self.log, ROWS, self.keeper, OWNER)
        self.told = Told(kept)
        return kept, kept.load()

    def add(self, *codes, value=0):
        for code in codes:
            self.log.add(code, 1, T, value, self.log.count)
        self.kept.judge()

    def word(self):
        out = bytearray(200)
        n = self.told.tell(out, 3)
        bits = [i for i in range(96) if out[3 + i // 8] >> i % 8 & 1]
        counters = list(out[15 : 3 + n])
        self.assertEqual(len(bits), len(counters))
        return {bits[i]: counters[i] for i in range(len(bits))}

    def clear(self, *bits):
        keep = bytearray(b"\xff" * 12)
        for bit in bits:
            keep[bit // 8] &= ~(1 << bit % 8)
        self.told.clear(keep, 0)

    def test_the_word_counts_what_is_reported(self):
        self.assertEqual(self.word(), {})
        self.assertFalse(self.kept.pending)
        self.add(events.METER_SILENT, events.METER_BACK, events.METER_SILENT)
        self.add(events.ALARM, value=1)
        self.add(events.ALARM, value=2)
        self.assertEqual(self.word(), {SILENT_BIT: 2, LEAK_BIT: 1})
        self.assertTrue(self.kept.pending)

    def test_only_what_was_told_is_taken_back(self):
        self.add(events.METER_SILENT, events.CLOCK_LOST)
        self.clear(SILENT_BIT, CLOCK_BIT)  # nobody has read it
        self.assertEqual(self.word(), {SILENT_BIT: 1, CLOCK_BIT: 1})
        self.add(events.METER_SILENT)
        self.clear(SILENT_BIT)
        self.assertEqual(self.word(), {SILENT_BIT: 1, CLOCK_BIT: 1})
        self.clear(SILENT_BIT)
        self.clear(SILENT_BIT)
        self.assertEqual(self.word(), {CLOCK_BIT: 1})
        self.assertTrue(self.kept.pending)
        self.clear(CLOCK_BIT)
        self.assertFalse(self.kept.pending)

    def test_a_full_counter_still_says_that_there_is_more(self):
        for _ in range(300):
            self.add(events.METER_SILENT)
        self.assertEqual(self.word(), {SILENT_BIT: 255})
        self.add(events.METER_SILENT)
        self.clear(SILENT_BIT)
        self.assertEqual(self.word(), {SILENT_BIT: 1})

    def test_events_go_out_oldest_first_each_once(self):
        self.add(events.STARTED, events.METER_SILENT, events.METER_BACK)
        self.assertEqual(self.told.waiting, 3)
        self.assertFalse(self.told.acknowledge(0))  # not read yet
        for number, code in ((0, events.STARTED), (1, events.METER_SILENT)):
            for _ in range(2):  # a reader that asks twice is told the same
                got = self.told.oldest()
                self.assertEqual((got[0], got[1][0]), (number, code))
            self.assertFalse(self.told.acknowledge(number + 1))
            self.assertTrue(self.told.acknowledge(number))
            self.assertTrue(self.told.acknowledge(number))  # its answer was lost
        self.assertEqual(self.told.waiting, 1)
        self.kept, problem = self.loaded()
        self.assertIsNone(problem)
        self.kept.judge()
        self.assertEqual(self.told.oldest()[0], 2)
        self.assertTrue(self.told.acknowledge(2))
        self.assertIsNone(self.told.oldest())

    def test_what_is_overwritten_is_counted(self):
        self.add(events.STARTED)
        for _ in range(CAPACITY):
            self.add(events.METER_BACK)
        self.assertEqual((self.told.lost, self.told.waiting), (1, CAPACITY))
        for _ in range(10):
            self.log.add(events.METER_BACK, 1, T, 0, 0)
        self.kept.judge()
        self.assertEqual((self.told.lost, self.told.oldest()[0]), (11, 11))
        self.kept.commit()
        self.loaded()
        self.assertEqual((self.told.lost, self.told.waiting), (11, CAPACITY))

    def test_blank_entries_are_lost_not_stuck(self):
        self.add(events.STARTED, events.METER_BACK, events.METER_SILENT)
        self.log.ring[:32] = bytes(32)
        self.assertEqual((self.told.oldest()[0], self.told.lost), (2, 2))

    def test_the_past_of_a_converter_new_to_this_is_no_loss(self):
        for _ in range(100):
            self.log.add(events.METER_BACK, 1, T, 0, 0)
        self.kept, problem = self.loaded()
        self.assertEqual(problem, ABSENT)
        self.kept.judge()
        self.assertEqual((self.told.lost, self.told.oldest()[0]), (0, 100 - CAPACITY))

    def test_events_that_began_anew_are_told(self):
        self.add(*[events.METER_SILENT] * 9)
        self.kept.commit()
        self.log = Events()
        self.kept, problem = self.loaded()
        self.assertIsNone(problem)
        self.add(events.METER_SILENT)
        self.assertEqual(self.told.oldest()[0], 0)
        self.assertEqual(self.word(), {SILENT_BIT: 10})

    def test_not_durable_is_not_acknowledged(self):
        self.add(events.METER_SILENT, events.METER_BACK)
        self.kept.commit()
        before = self.keeper.files["reports"]
        word = self.word()
        self.told.oldest()
        self.keeper.fails = "before"
        for change in (
            lambda: self.clear(SILENT_BIT),
            lambda: self.told.acknowledge(0),
            lambda: self.told.send(0),
        ):
            with self.assertRaises(OSError):
                change()
        self.keeper.fails = None
        self.assertEqual(self.word(), word)
        self.assertEqual(self.told.oldest()[0], 0)
        self.assertEqual(self.keeper.files["reports"], before)
        self.assertTrue(self.told.send(0))
        self.loaded()
        self.assertFalse(self.told.send(0))
        self.assertTrue(self.told.send(1))

    def test_nothing_to_change_costs_no_commit(self):
        self.add(events.METER_SILENT)
        self.kept.commit()
        self.keeper.fails = "before"
        self.clear(SILENT_BIT)  # not told yet
        self.kept.judge()
        self.add(events.METER_BACK)
        self.assertFalse(self.kept.dirty)

    def test_anothers_record_is_left_alone(self):
        self.add(events.METER_SILENT)
        self.kept.commit()
        stranger = KeptReports(self.log, ROWS, self.keeper, b"them")
        self.assertEqual(stranger.load(), FOREIGN)
        with self.assertRaises(OSError):
            stranger.commit()
        stranger.take_over()
        stranger.commit()
        self.keeper.files["reports"] = b"x" + self.keeper.files["reports"]
        self.assertEqual(self.loaded()[1], UNREADABLE)
