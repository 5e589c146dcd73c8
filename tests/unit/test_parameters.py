import unittest

from converter.store.parameters import SIZE, Parameters
from converter.store.record import ABSENT, FOREIGN, UNKNOWN, UNREADABLE
from converter.store.writes import CAPACITY, Writes
from converter.store.writes import SIZE as WRITES_SIZE
from memory_keeper import MemoryKeeper

OURS, THEIRS = b"ours", b"them"
A, B, C = b"\x01\0\0\0\0\0", b"\x02\0\0\0\0\0", b"\x77\0\0\0\0\0"
KEY = bytes(range(16))


def loaded(keeper, owner=OURS):
    found = Parameters(keeper, owner)
    return found, found.load()


class Blank(unittest.TestCase):
    def test_a_new_converter(self):
        found, problem = loaded(MemoryKeeper())
        self.assertEqual(problem, ABSENT)
        self.assertFalse(found.lost)
        self.assertEqual((found.password(2), found.password(4)), (b"\0\0\0", b"\0\0\0"))
        self.assertEqual(found.guard, (0, 0, 0))
        self.assertEqual((found.key, found.ceiling, found.broadcast_day), (None, 0, 0))
        self.assertEqual(
            (found.pattern, found.baud(8), found.settlement((1, 0))), (None, 0, (1, 0))
        )
        self.assertEqual(found.address(A), A)


class Kept(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()

    def test_each_by_itself_and_all_together(self):
        changes = (
            ("set_password", (2, b"\x11\x22\x33"), lambda p: p.password(2), b"\x11\x22\x33"),
            ("set_password", (4, b"\x44\x55\x66"), lambda p: p.password(4), b"\x44\x55\x66"),
            ("set_guard", (3, 1, 70000), lambda p: p.guard, (3, 1, 70000)),
            ("set_key", (KEY,), lambda p: p.key, KEY),
            ("set_ceiling", (0xFFFFFFFF,), lambda p: p.ceiling, 0xFFFFFFFF),
            ("set_broadcast_day", (9580,), lambda p: p.broadcast_day, 9580),
            ("set_baud", (8, 0x20), lambda p: p.baud(8), 0x20),
            ("set_settlement", ((1, 0), (28, 23)), lambda p: p.settlement((1, 0)), (28, 23)),
            ("set_pattern", ((0x99, 0x99, 0),), lambda p: p.pattern, (0x99, 0x99, 0)),
            ("set_address", (A, C), lambda p: p.address(A), C),
            ("set_address", (B, A), lambda p: p.address(B), A),
        )
        for n, (name, args, _, _) in enumerate(changes):
            found, _ = loaded(self.keeper)
            getattr(found, name)(*args)
            for parameters in (found, loaded(self.keeper)[0]):
                for k, (_, _, get, expected) in enumerate(changes):
                    self.assertEqual(get(parameters) == expected, k <= n, (n, k))
            self.assertEqual(len(self.keeper.files["parameters"]), SIZE)

    def test_a_new_configuration_wins(self):
        found, _ = loaded(self.keeper)
        found.set_baud(8, 0x20)
        found.set_settlement((1, 0), (28, 23))
        found.set_address(A, C)
        self.assertEqual((found.baud(4), found.settlement((2, 0))), (0, (2, 0)))
        self.assertEqual(found.address(B), B)

    def test_a_new_key_begins_its_counters_anew(self):
        found, _ = loaded(self.keeper)
        found.set_key(KEY)
        found.set_ceiling(512)
        found.set_key(bytes(16))
        again, _ = loaded(self.keeper)
        self.assertEqual(again.ceiling, 0)

    def test_as_many_addresses_as_there_is_room_for(self):
        found, _ = loaded(self.keeper)
        for n in range(1, 17):
            found.set_address(bytes((n,)) * 6, bytes((n + 32,)) * 6)
        with self.assertRaises(OSError):
            found.set_address(bytes((17,)) * 6, A)
        found.set_address(bytes((3,)) * 6, A)
        found.set_address(bytes((4,)) * 6, bytes((4,)) * 6)  # back to the configured one
        found.set_address(bytes((17,)) * 6, B)
        again, _ = loaded(self.keeper)
        for n in range(1, 18):
            expected = {3: A, 4: bytes((4,)) * 6, 17: B}.get(n, bytes((n + 32,)) * 6)
            self.assertEqual(again.address(bytes((n,)) * 6), expected)

    def test_a_failing_commit_changes_nothing(self):
        found, _ = loaded(self.keeper)
        found.set_password(4, b"\x01\x02\x03")
        self.keeper.fails = "before"
        with self.assertRaises(OSError):
            found.set_password(4, b"\x09\x09\x09")
        with self.assertRaises(OSError):
            found.set_key(KEY)
        for parameters in (found, loaded(self.keeper)[0]):
            self.assertEqual((parameters.password(4), parameters.key), (b"\x01\x02\x03", None))

    def test_what_says_the_same_is_not_written_again(self):
        found, _ = loaded(self.keeper)
        found.set_broadcast_day(7)
        before = self.keeper.files["parameters"]
        found.set_broadcast_day(7)
        self.assertTrue(self.keeper.files["parameters"] is before)


class Lost(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        loaded(self.keeper)[0].set_password(4, b"\x01\x02\x03")

    def test_nothing_is_written_over(self):
        self.keeper.silent = True
        found, problem = loaded(self.keeper)
        self.assertEqual((problem, found.lost), (UNKNOWN, True))
        self.keeper.silent = False
        before = dict(self.keeper.files)
        for parameters in (found, loaded(self.keeper, THEIRS)[0]):
            self.assertTrue(parameters.lost)
            with self.assertRaises(OSError):
                parameters.set_password(4, b"\x09\x09\x09")
        self.assertEqual(self.keeper.files, before)

    def test_begun_anew(self):
        for spoil, owner, expected in ((0, THEIRS, FOREIGN), (9, OURS, UNREADABLE)):
            data = self.keeper.files["parameters"]
            self.keeper.files["parameters"] = data[: len(data) - spoil]
            found, problem = loaded(self.keeper, owner)
            self.assertEqual((problem, found.lost), (expected, True))
            found.start_anew()
            again, problem = loaded(self.keeper, owner)
            self.assertIsNone(problem)
            self.assertEqual(again.password(4), b"\0\0\0")
            loaded(self.keeper, owner)[0].set_password(4, b"\x01\x02\x03")


class WhoWrote(unittest.TestCase):
    def test_the_last_ones(self):
        keeper = MemoryKeeper()
        for k in range(2 * CAPACITY + 3):
            found = Writes(keeper, OURS)
            found.load()
            entry = (1 + k % 10, k, 4, 0, 0xFFFFFFFF - k, 820000000 + k, 2**64 - 1 - k, k)
            found.append(*entry)
            self.assertEqual(found.newest(0), entry)
            self.assertEqual(len(keeper.files["writes"]), WRITES_SIZE)
        self.assertEqual(found.count, 2 * CAPACITY + 3)
        self.assertEqual(found.newest(CAPACITY - 1)[1], CAPACITY + 3)
        self.assertIsNone(found.newest(CAPACITY))
