import unittest

from converter.meters import mbus_date, mbus_value


def _le(hexed):
    data = bytes.fromhex(hexed)
    return data, range(len(data) - 1, -1, -1)


class Integers(unittest.TestCase):
    def test_signed(self):
        for hexed, value in (
            ("00", 0),
            ("7F", 127),
            ("FF", -1),
            ("81", -127),
            ("36FF", -202),
            ("FFFF7F", 2**23 - 1),
            ("FFFFFFFFFFFF", -1),
            ("FFFFFFFFFFFFFF7F", 2**63 - 1),
            ("0100000000000080", 1 - 2**63),
        ):
            self.assertEqual(mbus_value.integer(*_le(hexed), False), value)

    def test_invalid_is_no_number(self):
        for hexed in ("80", "0080", "000080", "00000080", "0000000000000080", ""):
            self.assertIsNone(mbus_value.integer(*_le(hexed), False))

    def test_unsigned(self):
        self.assertEqual(mbus_value.integer(*_le("FE"), True), 254)
        self.assertEqual(mbus_value.integer(*_le("00000080"), True), 2**31)


class Bcd(unittest.TestCase):
    def test_digits_and_sign(self):
        for hexed, value in (
            ("12", 12),
            ("7856341290", 9012345678),
            ("1800F0", -18),
            ("F1", -1),
            ("F0", 0),
            ("999999999999", 10**12 - 1),
        ):
            self.assertEqual(mbus_value.bcd(*_le(hexed)), value)

    def test_what_is_no_digit_is_no_number(self):
        for hexed in ("A0", "0A", "FF", "FFFF", "BDEBDDDD", "DDB4EB", "00E0", "F000", ""):
            self.assertIsNone(mbus_value.bcd(*_le(hexed)))


class Reals(unittest.TestCase):
    def test_exact(self):
        for hexed, value in (
            ("00000000", (0, 0)),
            ("00000080", (0, 0)),
            ("0000803F", (1, 0)),
            ("0000C03F", (15, -1)),
            ("00002041", (10, 0)),
            ("0000003F", (5, -1)),
            ("00803BBD", (-457763671875, -13)),
            ("0000004C", (2**25, 0)),
            ("CDCCCC3D", (100000001490116119384765625, -27)),
            ("22F32642", (4173743438720703125, -17)),
        ):
            got = mbus_value.real(*_le(hexed))
            self.assertEqual(got, value)

    def test_smallest_and_largest(self):
        self.assertEqual(mbus_value.real(*_le("01000000")), (5**149, -149))
        self.assertEqual(mbus_value.real(*_le("FFFF7F7F")), ((2**24 - 1) << 104, 0))

    def test_not_a_number_and_infinity(self):
        for hexed in ("0000C07F", "0000807F", "000080FF", "FFFFFFFF"):
            self.assertIsNone(mbus_value.real(*_le(hexed)))


class Dates(unittest.TestCase):
    def _fields(self, hexed, msb_first=False):
        data = bytes.fromhex(hexed)
        return mbus_date.fields(data, 0, len(data), msb_first)

    def test_published(self):
        # Kamstrup's and Tiangang's protocol descriptions.
        self.assertEqual(self._fields("0A2D8209"), (2004, 9, 2, 13, 10, -1))
        self.assertEqual(self._fields("2A2D6119"), (2011, 9, 1, 13, 42, -1))
        self.assertEqual(self._fields("102A0D611900"), (2011, 9, 1, 13, 42, 16))

    def test_types_g_and_j(self):
        self.assertEqual(self._fields("BF1C"), (2013, 12, 31, -1, -1, -1))
        self.assertEqual(self._fields("3B3B17"), (-1, -1, -1, 23, 59, 59))

    def test_centuries(self):
        # Without a century 81..99 are of the last one; with one they are what they say.
        self.assertEqual(self._fields("000081A1")[0], 1984)
        self.assertEqual(self._fields("002081A1")[0], 2084)
        self.assertEqual(self._fields("00408101")[0], 2104)

    def test_open_parts(self):
        self.assertEqual(self._fields("FF1C")[:3], (2015, 12, 31))
        self.assertEqual(self._fields("FFFC")[:3], (-1, 12, 31))
        self.assertEqual(self._fields("3F1F001F"), (2008, -1, -1, -1, -1, -1))

    def test_invalid(self):
        for hexed in (
            "0000",  # day and month 0
            "FFFF",
            "BE00",  # month 0
            "BF1D",  # month 13
            "DE12",  # 30 February
            "FF1B",  # 31 November is none
            "80001111",  # IV
            "3C001111",  # minute 60
            "00181111",  # hour 24
            "FFFFFF",
            "10AA0D611900",
        ):
            got = self._fields(hexed)
            self.assertTrue(got is None or min(got[:3]) < 0, hexed)

    def test_high_byte_first(self):
        for hexed in ("0A2D8209", "BF1C", "3B3B17", "102A0D611900"):
            turned = bytes(reversed(bytes.fromhex(hexed)))
            got = mbus_date.fields(turned, 0, len(turned), True)
            self.assertEqual(got, self._fields(hexed))

    def test_as_a_number(self):
        data = bytes.fromhex("102A0D611900")
        self.assertEqual(mbus_date.number(data, 0, 6), 110901134216)
        self.assertEqual(mbus_date.number(bytes.fromhex("BF1C"), 0, 2), 131231000000)
        self.assertIsNone(mbus_date.number(bytes.fromhex("FFFC"), 0, 2))
        self.assertIsNone(mbus_date.number(bytes.fromhex("3B3B17"), 0, 3))
