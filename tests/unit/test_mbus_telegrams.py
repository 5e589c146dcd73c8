import unittest

from converter.meters import mbus_fixed, mbus_records, mbus_telegram, mbus_vif


class Fixed(unittest.TestCase):
    def _read(self, hexed):
        counters = mbus_fixed.Counters()
        frame = bytes.fromhex(hexed)
        counters.start(frame)
        got = []
        while counters.next():
            got.append((counters.kind, counters.storage, counters.read(), counters.exponent))
        return got, mbus_fixed.medium(frame)

    def test_published(self):
        got, medium = self._read("68131368080573785634120A00E97E01000000350100003C16")
        volume = mbus_vif.VOLUME
        self.assertEqual(got, [(volume, 0, 1, -3), (volume, 1, 135, -3)])
        self.assertEqual(medium, 7)

    def test_binary_stored_and_mode_2(self):
        got, _ = self._read("68131368080573785634120AC005290001000035010000" + "0016")
        self.assertEqual(got, [(mbus_vif.ENERGY, 1, 256, 3), (mbus_vif.VOLUME, 1, 309, -3)])
        got, _ = self._read("68131368080577123456780A80290500000100000001350016")
        self.assertEqual(got, [(mbus_vif.ENERGY, 0, 256, 3), (mbus_vif.VOLUME, 0, 309, -3)])

    def test_every_unit(self):
        for code, kind, exponent in (
            (0x02, mbus_vif.ENERGY, 0),
            (0x0A, mbus_vif.ENERGY, 8),
            (0x0B, mbus_vif.ENERGY, 3),
            (0x13, mbus_vif.ENERGY, 11),
            (0x14, mbus_vif.POWER, 0),
            (0x1C, mbus_vif.POWER, 8),
            (0x25, mbus_vif.POWER, 11),
            (0x26, mbus_vif.VOLUME, -6),
            (0x2E, mbus_vif.VOLUME, 2),
            (0x2F, mbus_vif.VOLUME_FLOW, -6),
            (0x37, mbus_vif.VOLUME_FLOW, 2),
            (0x38, mbus_vif.EXTERNAL_TEMPERATURE, -3),
            (0x39, mbus_vif.HCA, 0),
            (0x3F, mbus_vif.ANY, 0),
            (0x00, mbus_vif.UNKNOWN, 0),
            (0x3A, mbus_vif.UNKNOWN, 0),
        ):
            got, _ = self._read(f"68131368080573785634120A00{code:02X}3F01000000350100000016")
            self.assertEqual(got[0], (kind, 0, 1, exponent))


class Telegrams(unittest.TestCase):
    HEADER = "785634122440010755000000"

    def _begin(self, ci, data, control="08"):
        frame = bytes.fromhex("68000068" + control + "01" + ci + data + "0016")
        records = mbus_records.Records()
        return mbus_telegram.begin(records, memoryview(frame)), records

    def test_headers(self):
        long = self.HEADER
        for ci, header in (("72", long), ("76", long), ("7A", "55000000"), ("78", "")):
            what, records = self._begin(ci, header + "09790A")
            self.assertEqual(what, mbus_telegram.VARIABLE)
            self.assertTrue(records.next())
            self.assertEqual((records.kind, records.msb_first), (20, ci == "76"))
            self.assertFalse(records.next())

    def test_others(self):
        for ci, data, want in (
            ("70", "02", mbus_telegram.APPLICATION_ERROR),
            ("71", "01", mbus_telegram.ALARM),
            ("72", self.HEADER[2:], mbus_telegram.SHORT),
            ("73", "00" * 15, mbus_telegram.SHORT),
            ("73", "00" * 16, mbus_telegram.FIXED),
            ("77", "00" * 16, mbus_telegram.FIXED),
            ("51", "017A08", mbus_telegram.COMMAND),
            ("A0", "00", mbus_telegram.OTHER),
        ):
            self.assertEqual(self._begin(ci, data)[0], want, ci)
        self.assertEqual(self._begin("72", self.HEADER, "53")[0], mbus_telegram.OTHER)

    def test_encrypted(self):
        for signature, body, want in (
            ("1005", "A1B2", mbus_telegram.ENCRYPTED),
            ("1005", "2F2F", mbus_telegram.VARIABLE),
            ("0005", "2F2F", mbus_telegram.VARIABLE),
            ("0005", "A1B2", mbus_telegram.VARIABLE),
            ("0802", "A1B2", mbus_telegram.ENCRYPTED),
            ("2007", "A1B2", mbus_telegram.ENCRYPTED),
            ("000A", "A1B2", mbus_telegram.ENCRYPTED),
            ("0000", "A1B2", mbus_telegram.VARIABLE),
            ("27B6", "A1B2", mbus_telegram.VARIABLE),
        ):
            got = self._begin("72", self.HEADER[:20] + signature + body)[0]
            self.assertEqual(got, want, signature + body)
        turned = self._begin("76", self.HEADER[:20] + "0510A1B2")[0]
        self.assertEqual(turned, mbus_telegram.ENCRYPTED)
