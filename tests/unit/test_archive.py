"""The archive of meters that are reached through the converter, and EXT 09 that manages it."""

import unittest

from converter.link import dlt645
from converter.station import archive as management
from converter.store.archive import MOST, Archive
from converter.store.record import FOREIGN, UNKNOWN
from memory_keeper import MemoryKeeper

_OWN = bytes.fromhex("10" + "34129078563412")
_A, _B, _C = [bytes((0x20, n, 1, 2, 3, 4, 5, 6)) for n in (1, 2, 3)]
_CLEAR, _COUNT, _LIST, _ADD, _DELETE = range(0x04101601, 0x04101606)


def loaded(keeper):
    found = Archive(keeper, b"mine", _OWN)
    found.load()
    return found


class Managed(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        self.archive = loaded(self.keeper)
        self.changes = []
        self.polynomial = 0

    def asked(self, di, data=b""):
        # The answer's data without DI, or None: an error.
        out = bytearray(dlt645.MAX_FRAME)
        data = di.to_bytes(4, "little") + data
        n = management.serve(self.archive, self._changed, data, out, 11, self.polynomial)
        if not n:
            return None
        self.assertEqual(bytes(out[11:15]), data[:4])
        return bytes(out[15 : 11 + n])

    def _changed(self, *what):
        self.changes.append(what)

    def listed(self):
        return loaded(self.keeper).rows  # after a restart

    def test_the_communitys_until_somebody_changes_it(self):
        self.assertEqual(self.asked(_LIST, b"\x00\x0a"), b"\x01" + _OWN)
        self.assertEqual(self.asked(_LIST, b"\x01\x0a"), b"\x00")
        self.assertEqual(self.keeper.files, {})
        self.assertEqual(self.asked(_ADD, b"\x02" + _A + _B), b"\x01")
        self.assertEqual(self.listed(), _OWN + _A + _B)
        self.assertEqual(self.asked(_LIST, b"\x01\x01"), b"\x01" + _A)
        # Once each, and with the newest type.
        self.assertEqual(self.asked(_ADD, b"\x01\x10" + _A[1:]), b"\x01")
        self.assertEqual(self.listed(), _OWN + _B + b"\x10" + _A[1:])
        self.assertEqual(self.asked(_DELETE, b"\x02" + _B + _C), b"\x01")
        self.assertEqual(self.asked(_COUNT), b"\x02\xff\xff")
        self.assertTrue(self.archive.has(_A[1:]))
        self.assertFalse(self.archive.has(_B[1:]))
        self.assertEqual(self.asked(_CLEAR), b"\x01")
        self.assertEqual(self.listed(), b"")
        self.assertEqual(self.changes, [(2, 3), (1, 3), (2, 2), (0, 0)])

    def test_what_is_wrong_changes_nothing(self):
        wrong = (
            (_CLEAR, b"\x00"),
            (_COUNT, b"\x00"),
            (_LIST, b""),
            (_LIST, b"\x00\x00"),
            (_LIST, b"\x00\x0b"),
            (_ADD, b""),
            (_ADD, b"\x00"),
            (_ADD, b"\x01" + _A[:7]),
            (_ADD, b"\x02" + _A),
            (_ADD, b"\x0b" + 11 * _A),
            (_DELETE, b"\x01"),
            (0x04101606, b""),
            (0x04101600, b""),
        )
        for di, data in wrong:
            self.assertEqual(self.asked(di, data), None)
        out = bytearray(64)
        self.assertEqual(management.serve(self.archive, None, b"\x01\x16\x10", out, 11, 0), 0)
        self.assertEqual((self.keeper.files, self.changes), ({}, []))

    def test_full(self):
        for n in range(MOST - 1):
            row = bytes((0x20, n, 9, 9, 9, 9, 9, 9))
            self.assertEqual(self.asked(_ADD, b"\x01" + row), b"\x01")
        self.assertEqual(self.asked(_ADD, b"\x01" + _A), None)
        self.assertEqual(len(self.listed()), 8 * MOST)
        self.assertEqual(self.asked(_LIST, b"\x1e\x0a")[0], 2)

    def test_a_failing_keeper_is_an_error_and_changes_nothing(self):
        self.asked(_ADD, b"\x01" + _A)
        self.keeper.fails = "before"
        self.assertEqual(self.asked(_CLEAR), b"\x02")
        self.assertEqual(self.asked(_ADD, b"\x01" + _B), None)
        self.assertEqual(self.asked(_DELETE, b"\x01" + _A), None)
        self.assertEqual(self.asked(_COUNT), b"\x02\xff\xff")
        self.keeper.fails = None
        self.assertEqual(self.listed(), _OWN + _A)
        self.assertEqual(self.asked(_DELETE, b"\x01" + _OWN), b"\x01")
        self.assertEqual(self.listed(), _A)
        self.keeper.silent = True
        self.assertEqual(Archive(self.keeper, b"mine", _OWN).load(), UNKNOWN)

    def test_another_boards_begins_anew(self):
        self.asked(_ADD, b"\x01" + _A)
        other = Archive(self.keeper, b"else", _OWN)
        self.assertEqual(other.load(), FOREIGN)
        self.assertTrue(other.is_foreign and not self.archive.is_foreign)
        self.assertEqual(other.rows, _OWN)
        with self.assertRaises(OSError):
            other.clear()
        self.assertEqual(other.rows, _OWN)
        other.take_over()
        again = Archive(self.keeper, b"else", b"")
        self.assertEqual((again.load(), again.rows), (None, _OWN))

    def test_crc(self):
        # Of each meter, added up. Check values of CRC-16 with initial value 0 (ARC, KERMIT) over
        # "123456789" are BB3D and 2189; the first eight bytes by a table written another way.
        for polynomial in (0xA001, 0x8408):
            self.polynomial = polynomial
            self.asked(_CLEAR)
            self.asked(_ADD, b"\x02" + b"12345678" + _A)
            crc = _by_division(b"12345678", polynomial) + _by_division(_A, polynomial) & 0xFFFF
            self.assertEqual(self.asked(_COUNT), b"\x02" + crc.to_bytes(2, "little"))
        self.assertEqual(_by_division(b"123456789", 0xA001), 0xBB3D)
        self.assertEqual(_by_division(b"123456789", 0x8408), 0x2189)


def _by_division(data, polynomial):
    # Remainder of the message polynomial, bit by bit from the front, before reflection.
    forward = _reflected(polynomial)
    rest = 0
    for byte in data:
        for k in range(8):
            top = rest >> 15 ^ (byte >> k & 1)
            rest = (rest << 1 & 0xFFFF) ^ (forward if top else 0)
    return _reflected(rest)


def _reflected(word):
    return sum([(word >> k & 1) << 15 - k for k in range(16)])
