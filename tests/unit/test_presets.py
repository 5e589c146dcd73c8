import unittest

from converter.store import presets
from converter.store.presets import CAPACITY, CORRECTED, SIZE, Presets
from converter.store.record import ABSENT, FOREIGN, UNREADABLE
from memory_keeper import MemoryKeeper

OURS, THEIRS = b"ours", b"them"
T = 825675630


def entry(k):
    return 1 + k % 4, CORRECTED, 0, T + k, 10**14 - k, 10**12 + k


def listed(keeper, owner=OURS):
    found = Presets(keeper, owner)
    return found, found.load()


def add(found, k):
    point, reason, _, time_s, old, new = entry(k)
    found.add(point, reason, time_s, old, new)


class Ring(unittest.TestCase):
    def test_reasons_stand_in_records(self):
        reasons = (presets.COMMISSIONED, CORRECTED, presets.EXCHANGED, presets.RESTORED)
        self.assertEqual(reasons, (1, 2, 3, 4))

    def test_every_one_is_durable_at_once(self):
        keeper = MemoryKeeper()
        found, problem = listed(keeper)
        self.assertEqual(problem, ABSENT)
        self.assertIsNone(found.newest(0))
        for k in range(3 * CAPACITY + 2):
            add(found, k)
            self.assertEqual(len(keeper.files["presets"]), SIZE)
            again, problem = listed(keeper)
            self.assertIsNone(problem)
            for each in (found, again):
                self.assertEqual(each.count, k + 1)
                for back in range(CAPACITY + 2):
                    there = back <= k and back < CAPACITY
                    self.assertEqual(each.newest(back), entry(k - back) if there else None)
                self.assertIsNone(each.newest(-1))
            found = again if k % 3 else found

    def test_the_old_index_may_be_unknown(self):
        keeper = MemoryKeeper()
        found, _ = listed(keeper)
        found.add(255, presets.RESTORED, 0, 0xFFFFFFFFFFFFFFFF, 0)
        again, _ = listed(keeper)
        self.assertEqual(again.newest(0), (255, 4, 0, 0, 0xFFFFFFFFFFFFFFFF, 0))

    def test_a_failing_commit_adds_nothing(self):
        for before in (0, 3, CAPACITY, CAPACITY + 3):
            keeper = MemoryKeeper()
            found, _ = listed(keeper)
            for k in range(before):
                add(found, k)
            keeper.fails = "before"
            for _ in range(2):
                with self.assertRaises(OSError):
                    add(found, 77)
            self.assertEqual(found.count, before)
            for back in range(CAPACITY):
                there = back < min(before, CAPACITY)
                self.assertEqual(found.newest(back), entry(before - 1 - back) if there else None)
            keeper.fails = None
            add(found, 78)
            again, _ = listed(keeper)
            self.assertEqual((again.count, again.newest(0)), (before + 1, entry(78)))
            if before:
                self.assertEqual(again.newest(1), entry(before - 1))


class Lost(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        found, _ = listed(self.keeper)
        for k in range(5):
            add(found, k)

    def test_anothers_and_spoilt(self):
        found, problem = listed(self.keeper, THEIRS)
        self.assertEqual((problem, found.count), (FOREIGN, 0))
        self.assertIsNone(found.newest(0))
        self.keeper.files["presets"] = self.keeper.files["presets"][:-1]
        found, problem = listed(self.keeper)
        self.assertEqual((problem, found.count), (UNREADABLE, 0))
        add(found, 9)
        again, _ = listed(self.keeper)
        self.assertEqual((again.count, again.newest(0)), (1, entry(9)))

    def test_a_keeper_that_did_not_answer_costs_no_list(self):
        self.keeper.silent = True
        found, _ = listed(self.keeper)
        with self.assertRaises(OSError):
            add(found, 5)
        self.keeper.silent = False
        add(found, 5)
        for back in range(6):
            self.assertEqual(found.newest(back), entry(5 - back))
        again, _ = listed(self.keeper)
        self.assertEqual((again.count, again.newest(5)), (6, entry(0)))
