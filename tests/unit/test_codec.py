import unittest

from converter.codec import bcd
from converter.codec.checksum import sum8
from converter.codec.scale import rescale


class Bcd(unittest.TestCase):
    def test_low_byte_first(self):
        # DL/T 645-2007, 5.3.2: 123456.78 goes as 78 56 34 12.
        self.assertEqual(bcd.decode(b"\x00\x78\x56\x34\x12", 1, 4), 12345678)
        out = bytearray(5)
        self.assertTrue(bcd.encode(12345678, out, 1, 4))
        self.assertEqual(bytes(out), b"\x00\x78\x56\x34\x12")

    def test_not_a_digit_is_unknown(self):
        for wrong in (b"\xff\xff", b"\x0a\x00", b"\xa0\x00", b"\x00\x9a", b"\x00\xa9"):
            self.assertIsNone(bcd.decode(wrong, 0, 2))

    def test_every_byte(self):
        for b in range(256):
            tens, ones = b >> 4, b & 15
            expected = tens * 10 + ones if tens < 10 and ones < 10 else None
            self.assertEqual(bcd.decode(bytes((b,)), 0, 1), expected)

    def test_overflow_leaves_the_buffer(self):
        out = bytearray(b"\x11\x22")
        self.assertFalse(bcd.encode(10000, out, 0, 2))
        self.assertFalse(bcd.encode(-1, out, 0, 2))
        self.assertEqual(bytes(out), b"\x11\x22")
        self.assertTrue(bcd.encode(9999, out, 0, 2))

    def test_sign_in_the_top_bit(self):
        out = bytearray(3)
        self.assertTrue(bcd.encode_signed(-1234, out, 0, 3))
        self.assertEqual(bytes(out), b"\x34\x12\x80")
        self.assertTrue(bcd.encode_signed(799999, out, 0, 3))
        self.assertEqual(bytes(out), b"\x99\x99\x79")
        self.assertFalse(bcd.encode_signed(800000, out, 0, 3))
        self.assertFalse(bcd.encode_signed(-800000, out, 0, 3))

    def test_beyond_small_integers(self):
        out = bytearray(6)
        self.assertTrue(bcd.encode(999999999999, out, 0, 6))
        self.assertEqual(bcd.decode(out, 0, 6), 999999999999)


class Sum(unittest.TestCase):
    def test_modulo(self):
        self.assertEqual(sum8(b"\xff\xff\x03\x10", 0, 3), 1)
        self.assertEqual(sum8(b"\xff\xff\x03\x10", 2, 4), 0x13)
        self.assertEqual(sum8(b"", 0, 0), 0)


class Rescale(unittest.TestCase):
    def test_exact(self):
        self.assertEqual(rescale(12345, -2, -2), 12345)
        self.assertEqual(rescale(12345, -2, -4), 1234500)
        self.assertEqual(rescale(5, 3, 1), 500)

    def test_never_ahead_of_the_dial(self):
        self.assertEqual(rescale(1999, -3, -2), 199)
        self.assertEqual(rescale(-1999, -3, -2), -199)
