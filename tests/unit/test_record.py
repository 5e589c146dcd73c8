import struct
import unittest
from binascii import crc32

from converter.store.record import ABSENT, FOREIGN, NEWER, OVERHEAD, UNKNOWN, UNREADABLE, Record

OURS, THEIRS = b"ours", b"them"
# As version 1 has been written from the first release on: sequence 7, payload "hello".
VERSION_1 = bytes.fromhex("0100050007000000") + b"hello" + bytes.fromhex("170fe637")


class Keeper:
    def __init__(self):
        self.files = {}

    def load(self, name):
        return self.files.get(name)

    def commit(self, name, data):
        self.files[name] = bytes(data)


def sealed(body):
    return body + struct.pack("<I", crc32(body) & 0xFFFFFFFF)


class Written(unittest.TestCase):
    formats = ((2, 5),)

    def setUp(self):
        self.keeper = Keeper()
        self.record = Record(self.keeper, "r", self.formats, OURS)
        self.record.payload[:] = b"hello"
        self.record.commit()

    def again(self, owner=OURS):
        return Record(self.keeper, "r", self.formats, owner)

    def test_comes_back(self):
        again = self.again()
        self.assertEqual(again.problem, ABSENT)
        self.assertTrue(again.load())
        self.assertIsNone(again.problem)
        self.assertEqual(bytes(again.payload), b"hello")
        again.commit()
        self.assertEqual(again.sequence, 2)

    def test_every_bit_is_guarded(self):
        whole = self.keeper.files["r"]
        again = self.again()
        for i in range(len(whole)):
            for bit in range(8):
                spoilt = bytearray(whole)
                spoilt[i] ^= 1 << bit
                self.keeper.files["r"] = bytes(spoilt)
                self.assertFalse(again.load())
                self.assertEqual(again.problem, UNREADABLE)

    def test_truncated_and_absent(self):
        again = self.again()
        whole = self.keeper.files["r"]
        for end in range(len(whole)):
            self.keeper.files["r"] = whole[:end]
            self.assertFalse(again.load())
            self.assertEqual(again.problem, UNREADABLE)
        del self.keeper.files["r"]
        self.assertFalse(again.load())
        self.assertEqual(again.problem, ABSENT)

    def test_a_keeper_that_fails(self):
        # A chip that does not answer is no empty chip: nothing may start again at its beginning.
        def load(name):
            raise OSError(5)

        self.keeper.load = load
        again = self.again()
        self.assertFalse(again.load())
        self.assertEqual(again.problem, UNKNOWN)

    def test_refused_changes_nothing(self):
        again = self.again()
        again.load()
        self.keeper.files["r"] = b"no record at all"
        self.assertFalse(again.load())
        self.assertEqual((again.version, again.sequence), (self.record.version, 1))
        self.assertEqual(bytes(again.payload), b"hello")

    def test_sequence_wraps(self):
        self.record.sequence = 0xFFFFFFFF
        self.record.commit()
        again = self.again()
        self.assertTrue(again.load())
        self.assertEqual(again.sequence, 0)


class WrittenAsVersion1(Written):
    formats = ((1, 5),)


class Owners(unittest.TestCase):
    def test_a_record_of_another_meter_is_refused(self):
        keeper = Keeper()
        record = Record(keeper, "r", ((2, 5),), OURS)
        record.commit()
        self.assertEqual(len(keeper.files["r"]), 5 + OVERHEAD)
        other = Record(keeper, "r", ((2, 5),), THEIRS)
        self.assertFalse(other.load())
        self.assertEqual(other.problem, FOREIGN)

    def test_one_without_an_owner_is_read_by_any(self):
        keeper = Keeper()
        keeper.files["r"] = VERSION_1
        for owner in (OURS, THEIRS):
            record = Record(keeper, "r", ((1, 5), (2, 9)), owner)
            self.assertTrue(record.load())


class Versions(unittest.TestCase):
    def setUp(self):
        self.keeper = Keeper()
        self.keeper.files["r"] = VERSION_1

    def record(self, formats=((1, 5), (2, 9), (3, 2))):
        return Record(self.keeper, "r", formats, OURS)

    def loaded(self):
        record = self.record()
        self.assertTrue(record.load())
        return record

    def test_the_first_layout_is_read_and_written_to_the_byte(self):
        record = self.loaded()
        self.assertEqual((record.version, record.sequence), (1, 7))
        self.assertEqual(bytes(record.payload), b"hello")
        record.sequence = 6
        record.commit()
        self.assertEqual(self.keeper.files["r"], VERSION_1)

    def test_what_was_found_is_written_until_told_otherwise(self):
        record = self.loaded()
        record.commit()
        older = self.record(((1, 5),))  # as the firmware before it
        self.assertTrue(older.load())
        self.assertEqual(older.sequence, 8)
        record.use(2)
        self.assertEqual(bytes(record.payload), b"hello\0\0\0\0")
        record.payload[5:] = b"more"
        record.commit()
        self.assertFalse(older.load())
        self.assertEqual(older.problem, NEWER)
        again = self.loaded()
        self.assertEqual((again.version, again.sequence), (2, 9))
        self.assertEqual(bytes(again.payload), b"hellomore")

    def test_nothing_of_a_longer_format_is_left_over(self):
        record = self.loaded()
        record.use(2)
        record.payload[:] = b"123456789"
        record.commit()
        record.use(3)
        self.assertEqual(bytes(record.payload), b"12")
        record.commit()
        record.use(2)
        self.assertEqual(bytes(record.payload), b"12\0\0\0\0\0\0\0")

    def test_the_newest_is_written_where_nothing_was(self):
        record = self.record(((1, 5), (2, 9)))
        self.assertEqual((record.version, len(record.payload)), (2, 9))

    def test_unknown_versions(self):
        record = self.record(((2, 5), (4, 5)))
        for version, problem in ((1, UNREADABLE), (3, UNREADABLE), (5, NEWER), (255, NEWER)):
            head = struct.pack("<BBHI", version, version > 1, 5, 1)
            owner = OURS if version > 1 else b""
            self.keeper.files["r"] = sealed(head + owner + b"hello")
            self.assertFalse(record.load())
            self.assertEqual(record.problem, problem)

    def test_sealed_but_not_a_record_of_ours(self):
        record = self.record(((1, 5), (2, 5)))
        for head, problem in (
            (struct.pack("<BBHI", 2, 2, 5, 1) + OURS, NEWER),  # a later header
            (struct.pack("<BBHI", 2, 0, 5, 1), UNREADABLE),  # no owner where one must be
            (struct.pack("<BBHI", 1, 1, 5, 1) + OURS, UNREADABLE),
            (struct.pack("<BBHI", 2, 1, 4, 1) + OURS, UNREADABLE),
            (struct.pack("<BBHI", 2, 1, 5, 1) + OURS + b"?", UNREADABLE),
        ):
            self.keeper.files["r"] = sealed(head + b"hello")
            self.assertFalse(record.load())
            self.assertEqual(record.problem, problem)
