import struct
import unittest
from binascii import crc32

from converter.model import gap
from converter.model.alarms import BACKFLOW, LEAK
from converter.model.total import Total
from converter.store.record import ABSENT, FOREIGN, NEWER, UNKNOWN, UNREADABLE, Record
from converter.store.totals import SIZE, KeptTotal
from memory_keeper import MemoryKeeper

OURS, THEIRS = b"ours", b"them"
T = 825675630
EVERY, AT_LEAST_S, AT_MOST_S = 10, 60, 5


def old_record(pulses, base, sequence=7):
    # As the first firmware wrote it, byte by byte.
    body = struct.pack("<BBHI", 1, 0, 16, sequence) + struct.pack("<Q", pulses)
    body += struct.pack("<Q", base)
    return body + struct.pack("<I", crc32(body) & 0xFFFFFFFF)


def kept_on(keeper, owner=OURS, upgraded=True, weight=(1, 1, -2, 7)):
    kept = KeptTotal(Total(*weight), keeper, "total1", owner, (EVERY, AT_LEAST_S, AT_MOST_S))
    problem = kept.load()
    if upgraded:
        kept.upgrade()
    return kept, problem


def started(keeper):
    # With nothing that waits for a commit.
    kept, _ = kept_on(keeper)
    kept.commit(0, T, 0)
    return kept


class Policy(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        self.kept = started(self.keeper)

    def test_nothing_to_commit(self):
        for now_s in (0, 4, 5, 59, 60, 10**9):
            self.assertFalse(self.kept.due(now_s))

    def test_after_so_many_pulses(self):
        self.kept.add(5, 0, 100)
        self.kept.add(0, 4, 100)
        self.assertFalse(self.kept.due(100))
        self.kept.add(0, 1, 100)
        self.assertTrue(self.kept.due(100))
        self.assertEqual(self.kept.uncommitted, 10)

    def test_so_long_after_the_first_of_them(self):
        self.kept.add(1, 0, 100)
        self.kept.add(1, 0, 159)
        self.assertFalse(self.kept.due(159))
        self.assertTrue(self.kept.due(160))

    def test_not_soon_after_the_commit_before(self):
        self.kept.commit(100, T, 0)
        self.kept.add(1000, 0, 100)
        self.assertFalse(self.kept.due(104))
        self.assertTrue(self.kept.due(105))

    def test_something_else_than_pulses(self):
        self.kept.dirty = True
        self.assertFalse(self.kept.due(4))
        self.assertTrue(self.kept.due(5))
        self.kept.commit(5, T, 0)
        self.assertFalse(self.kept.due(1000))
        self.kept.alarms.judge(LEAK, True, T)
        self.assertTrue(self.kept.due(10))
        self.kept.commit(10, T, 0)
        self.assertFalse(self.kept.due(1000))
        self.kept.alarms.clear(0xFFFF)
        self.assertTrue(self.kept.due(15))

    def test_the_wait_begins_anew_with_each_commit(self):
        self.kept.add(1, 0, 100)
        self.kept.commit(130, T, 0)
        self.kept.add(1, 0, 140)
        self.assertFalse(self.kept.due(199))
        self.assertTrue(self.kept.due(200))

    def test_after_a_failure_it_is_tried_by_the_same_policy(self):
        self.kept.add(EVERY, 0, 100)
        self.keeper.fails = "before"
        with self.assertRaises(OSError):
            self.kept.commit(100, T, 0)
        self.assertEqual(self.kept.uncommitted, EVERY)
        self.assertFalse(self.kept.due(104))
        self.assertTrue(self.kept.due(105))
        kept = started(MemoryKeeper())
        kept.add(1, 0, 100)
        kept._record._keeper.fails = "before"
        with self.assertRaises(OSError):
            kept.commit(160, T, 0)
        self.assertFalse(kept.due(219))
        self.assertTrue(kept.due(220))


class Kept(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()

    def test_comes_back(self):
        kept, problem = kept_on(self.keeper)
        self.assertEqual((problem, kept.generation), (ABSENT, 0))
        self.assertIsNone(kept.levels)
        kept.total.base = 123450
        kept.add(2**40 + 7, 2**33 + 1, 0)
        kept.gap = gap.add(17, 4)
        kept.restored = True
        kept.alarms.judge(BACKFLOW, True, T - 5)
        kept.commit(0, T, 2)
        self.assertEqual(len(self.keeper.files["total1"]), SIZE)
        kept.add(3, 0, 1)
        again, problem = kept_on(self.keeper)
        self.assertIsNone(problem)
        total = again.total
        self.assertEqual((total.forward, total.reverse), (2**40 + 7, 2**33 + 1))
        self.assertEqual((total.base, total.index()), (123450, (123456 + 2**40 - 2**33) % 10**7))
        self.assertEqual((again.uncommitted, again.dirty, again.alarms.dirty), (0, False, False))
        self.assertEqual((again.gap, again.levels, again.time_s), (21, 2, T))
        self.assertTrue(again.restored)
        self.assertEqual(again.alarms.latched, 1 << BACKFLOW)
        self.assertEqual(again.alarms.active, 0)
        self.assertEqual(again.alarms.entry(BACKFLOW), (1, T - 5))
        self.assertEqual(again.generation, 1)

    def test_an_unknown_gap_stays_unknown(self):
        kept, _ = kept_on(self.keeper)
        kept.gap = gap.UNKNOWN
        kept.commit(0, 0, 0)
        again, _ = kept_on(self.keeper)
        self.assertEqual((again.gap, again.time_s), (gap.UNKNOWN, 0))

    def test_each_commit_is_a_generation(self):
        kept, _ = kept_on(self.keeper)
        for n in range(1, 5):
            kept.commit(n, T, 0)
            self.assertEqual(kept.generation, n)
        self.keeper.fails = "before"
        with self.assertRaises(OSError):
            kept.commit(9, T, 0)
        self.assertEqual(kept.generation, 4)

    def test_a_failing_commit_loses_nothing_counted(self):
        kept = started(self.keeper)
        kept.add(5, 0, 0)
        kept.commit(0, T, 1)
        kept.add(5, 2, 0)
        kept.dirty = True
        self.keeper.fails = "before"
        with self.assertRaises(OSError):
            kept.commit(1, T + 1, 3)
        self.assertEqual((kept.total.forward, kept.total.reverse), (10, 2))
        self.assertEqual((kept.uncommitted, kept.time_s, kept.levels), (7, T, 1))
        self.assertTrue(kept.dirty)
        again, _ = kept_on(self.keeper)
        self.assertEqual((again.total.forward, again.total.reverse), (5, 0))
        self.keeper.fails = None
        kept.commit(9, T + 9, 3)
        again, _ = kept_on(self.keeper)
        self.assertEqual((again.total.forward, again.total.reverse), (10, 2))

    def test_what_is_not_ours_changes_nothing(self):
        kept = started(self.keeper)
        kept.add(5, 0, 0)
        kept.commit(0, T, 1)
        whole = self.keeper.files["total1"]
        Record(self.keeper, "total1", ((3, 10),), OURS).commit()
        for found, owner, expected in (
            (whole, THEIRS, FOREIGN),
            (whole[:40] + b"?" + whole[41:], OURS, UNREADABLE),
            (self.keeper.files["total1"], OURS, NEWER),
        ):
            self.keeper.files["total1"] = found
            again, problem = kept_on(self.keeper, owner)
            self.assertEqual(problem, expected)
            self.assertEqual((again.total.forward, again.total.base, again.gap), (0, 0, 0))
        self.keeper.silent = True
        _, problem = kept_on(self.keeper)
        self.assertEqual(problem, UNKNOWN)


class Versions(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper({"total1": old_record(2**40 + 1, 99)})

    def test_the_old_record_is_read_whoever_owns_it(self):
        for owner in (OURS, THEIRS):
            kept, problem = kept_on(self.keeper, owner, upgraded=False)
            self.assertIsNone(problem)
            total = kept.total
            self.assertEqual((total.forward, total.reverse, total.base), (2**40 + 1, 0, 99))
            self.assertEqual((kept.generation, kept.uncommitted, kept.gap), (7, 0, 0))
            self.assertIsNone(kept.levels)
            self.assertFalse(kept.due(1000))

    def test_a_trial_writes_what_the_firmware_before_wrote(self):
        kept, _ = kept_on(self.keeper, upgraded=False)
        kept.add(7, 3, 0)
        kept.gap = 17
        kept.commit(0, T, 2)
        self.assertEqual(self.keeper.files["total1"], old_record(2**40 + 5, 99, 8))
        again, _ = kept_on(self.keeper, upgraded=False)
        self.assertEqual(again.total.index(), kept.total.index())

    def test_a_trial_on_a_new_board_too(self):
        keeper = MemoryKeeper()
        kept, problem = kept_on(keeper, upgraded=False)
        self.assertEqual(problem, ABSENT)
        kept.total.base = 1234
        kept.add(7, 0, 0)
        kept.commit(0, T, 2)
        self.assertEqual(keeper.files["total1"], old_record(7, 1234, 1))

    def test_backwards_beyond_its_first_pulse(self):
        # The old format knows no pulses below 0; the dial is what must be right.
        self.keeper.files["total1"] = old_record(2, 5)
        for reverse, index in ((3, 4), (8, 9999999), (10, 9999997)):
            kept, _ = kept_on(self.keeper, upgraded=False)
            kept.add(0, reverse, 0)
            kept.commit(0, T, 0)
            self.assertEqual(self.keeper.files["total1"], old_record(0, index, 8))
            again, _ = kept_on(self.keeper, upgraded=False)
            self.assertEqual(again.total.index(), index)
            self.keeper.files["total1"] = old_record(2, 5)

    def test_upgraded_when_the_slot_is_confirmed(self):
        kept, _ = kept_on(self.keeper, upgraded=False)
        kept.add(7, 3, 0)
        kept.commit(0, T, 2)
        kept.upgrade()
        self.assertTrue(kept.due(100))
        kept.gap = 17
        kept.commit(100, T, 2)
        self.assertEqual(len(self.keeper.files["total1"]), SIZE)
        again, problem = kept_on(self.keeper, upgraded=False)
        self.assertIsNone(problem)
        self.assertEqual((again.total.forward, again.total.reverse), (2**40 + 8, 3))
        self.assertEqual((again.total.base, again.gap, again.levels), (99, 17, 2))
        again.upgrade()
        self.assertFalse(again.dirty)
        old = Record(self.keeper, "total1", ((1, 16),))
        self.assertFalse(old.load())
        self.assertEqual(old.problem, NEWER)
        _, problem = kept_on(self.keeper, THEIRS)
        self.assertEqual(problem, FOREIGN)
