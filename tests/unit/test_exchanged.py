import unittest

from converter.store.exchanged import MOST, Exchanged
from converter.store.record import ABSENT, FOREIGN
from memory_keeper import MemoryKeeper

OURS, THEIRS = b"ours", b"them"
OLD, NEW = bytes(range(7)), bytes(range(10, 17))
SECONDARY = bytes(range(13))


def kept(keeper, owner=OURS):
    found = Exchanged(keeper, owner)
    return found, found.load()


class Addresses(unittest.TestCase):
    def test_one_holds_while_the_configuration_says_what_it_said(self):
        keeper = MemoryKeeper()
        found, problem = kept(keeper)
        self.assertEqual(problem, ABSENT)
        self.assertIsNone(found.address(2, OLD))
        found.put(2, OLD, NEW)
        found.put(3, OLD, SECONDARY)
        found.put(4, SECONDARY, b"\x05")
        again, problem = kept(keeper)
        self.assertIsNone(problem)
        self.assertEqual(again.address(2, OLD), NEW)
        self.assertEqual(again.address(3, OLD), SECONDARY)
        self.assertEqual(again.address(4, SECONDARY), b"\x05")
        self.assertIsNone(again.address(1, OLD))
        self.assertIsNone(again.address(2, NEW))  # newly flashed

    def test_exchanged_again_it_takes_no_more_room(self):
        found, _ = kept(MemoryKeeper())
        for n in range(40):
            found.put(1, OLD, bytes([n]) * 7)
        self.assertEqual(found.address(1, OLD), bytes([39]) * 7)
        for point in range(2, MOST + 1):
            found.put(point, OLD, NEW)
        with self.assertRaises(OSError):
            found.put(MOST + 1, OLD, NEW)
        self.assertIsNone(found.address(MOST + 1, OLD))
        found.put(1, NEW, OLD)
        self.assertEqual(found.address(1, NEW), OLD)

    def test_what_is_not_kept_has_not_changed(self):
        keeper = MemoryKeeper()
        found, _ = kept(keeper)
        found.put(1, OLD, NEW)
        keeper.fails = "before"
        with self.assertRaises(OSError):
            found.put(1, OLD, OLD)
        with self.assertRaises(OSError):
            found.put(2, OLD, OLD)
        self.assertEqual(found.address(1, OLD), NEW)
        self.assertIsNone(found.address(2, OLD))

    def test_another_boards_is_not_ours_until_it_is_taken_over(self):
        keeper = MemoryKeeper()
        kept(keeper, THEIRS)[0].put(1, OLD, NEW)
        found, problem = kept(keeper)
        self.assertEqual(problem, FOREIGN)
        self.assertTrue(found.is_foreign)
        self.assertIsNone(found.address(1, OLD))
        with self.assertRaises(OSError):
            found.put(1, OLD, NEW)
        found.take_over()
        self.assertIsNone(kept(keeper)[0].address(1, OLD))
