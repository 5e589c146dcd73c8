import unittest

from converter.meters import mbus_records
from mbus_walk import one, walk


class Dif(unittest.TestCase):
    def test_every_coding(self):
        for hexed, value in (
            ("0013", None),
            ("011305", 5),
            ("02130501", 261),
            ("0313050100", 261),
            ("041305010000", 261),
            ("05130000C03F", 15),
            ("0613050100000000", 261),
            ("07130501000000000000", 261),
            ("0813", None),
            ("091342", 42),
            ("0A134201", 142),
            ("0B13420100", 142),
            ("0C1342010000", 142),
            ("0E13420100000000", 142),
            ("0D13C24201", 142),
            ("0D13D24201", -142),
            ("0D13E20501", 261),
            ("0D1303414243", None),
            ("0D13F0" + 16 * "01", None),
            ("0D13F5" + 48 * "01", None),
            ("0D13F6" + 64 * "01", None),
            ("0D13E9" + 9 * "01", None),
            ("0D1300", None),
            ("0D13C0", None),
        ):
            self.assertEqual(one(hexed)[1], value, hexed)

    def test_function_storage_tariff_subunit(self):
        r = walk("12130500" + "D2F17F130600" + "848F8F8F8F8F8F8F8F8F0F1300000000")
        r.next()
        self.assertEqual((r.function, r.storage, r.tariff, r.subunit), (1, 0, 0, 0))
        r.next()
        self.assertEqual(r.function, 1)
        self.assertEqual(r.storage, 1 | 1 << 1 | 0xF << 5)
        self.assertEqual((r.tariff, r.subunit), (3 | 3 << 2, 0b11))
        r.next()
        self.assertEqual(r.storage, (1 << 41) - 2)
        self.assertFalse(r.next())
        self.assertEqual(r.error, mbus_records.SOUND)

    def test_fillers_and_what_follows(self):
        r = walk("2F2F0113052F7F0913002F1FAABB")
        self.assertTrue(r.next())
        self.assertEqual((r.offset, r.end), (2, 5))
        self.assertTrue(r.next())
        self.assertEqual((r.offset, r.end), (7, 10))
        self.assertFalse(r.next())
        self.assertEqual((r.error, r.more, r.vendor_at), (0, True, 12))
        r = walk("0F01")
        self.assertFalse(r.next())
        self.assertEqual((r.error, r.more, r.vendor_at), (0, False, 1))

    def test_faults(self):
        many = "80" * 10
        for hexed, error in (
            ("02", mbus_records.TRUNCATED),
            ("0213", mbus_records.TRUNCATED),
            ("021305", mbus_records.TRUNCATED),
            ("82", mbus_records.TRUNCATED),
            ("8213", mbus_records.TRUNCATED),
            ("02FD", mbus_records.TRUNCATED),
            ("0293", mbus_records.TRUNCATED),
            ("0D13", mbus_records.TRUNCATED),
            ("0D1305414243", mbus_records.TRUNCATED),
            ("027C", mbus_records.TRUNCATED),
            ("82" + many + "00130000", mbus_records.TOO_MANY_DIFE),
            ("0293" + "BB" * 10 + "3B0000", mbus_records.TOO_MANY_VIFE),
            ("0293" + "FC81" * 10 + "3B0000", mbus_records.TOO_MANY_VIFE),
            ("3F", mbus_records.RESERVED_DIF),
            ("6F", mbus_records.RESERVED_DIF),
            ("8F", mbus_records.RESERVED_DIF),
            ("0D13CA", mbus_records.RESERVED_LVAR),
            ("0D13DA", mbus_records.RESERVED_LVAR),
            ("0D13F7", mbus_records.RESERVED_LVAR),
            ("027C054142", mbus_records.LONG_TEXT),
        ):
            r = walk(hexed)
            self.assertFalse(r.next())
            self.assertEqual(r.error, error, hexed)
            r = walk("011305" + hexed)
            self.assertTrue(r.next())
            self.assertFalse(r.next())
            self.assertEqual((r.error, r.offset), (error, 3))

    def test_ten_of_each_are_allowed(self):
        self.assertEqual(one("82" + "80" * 9 + "00" + "130500")[1], 5)
        self.assertEqual(one("0293" + "80" * 9 + "00" + "0500")[1], 5)

    def test_quirks_only_on_demand(self):
        wide = "0C13785634129000"
        r = walk(wide)
        r.next()
        self.assertEqual((r.read(), r.end), (12345678, 6))
        self.assertEqual(one(wide, mbus_records.WIDE_0C)[1], 9012345678)
        dated = walk("0E6D102A0D611900")
        dated.next()
        self.assertFalse(dated.is_date())
        self.assertIsNone(dated.read())
        dated = walk("0E6D102A0D611900", mbus_records.BCD_DATES)
        dated.next()
        self.assertTrue(dated.is_date())

    def test_dates_are_no_numbers(self):
        for hexed, is_date in (
            ("026CBF1C", True),
            ("046D0A2D8209", True),
            ("066D102A0D611900", True),
            ("036D3B3B17", True),
            ("046C0A2D8209", False),
            ("016C05", False),
            ("04FD300A2D8209", True),
            ("02FD70BF1C", True),
            ("04ED3B0A2D8209", True),
            ("0493390A2D8209", True),
        ):
            r = walk(hexed)
            r.next()
            self.assertEqual(r.is_date(), is_date, hexed)
            self.assertIsNone(r.read())


class Mode2(unittest.TestCase):
    def test_high_byte_first(self):
        for low, high in (
            ("02133412", "02131234"),
            ("0C1378563412", "0C1312345678"),
            ("0B611800F0", "0B61F00018"),
            ("05130000C03F", "05133FC00000"),
        ):
            self.assertEqual(one(high, 0, True), one(low))
