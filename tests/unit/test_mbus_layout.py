import unittest

from converter.link import mbus as link
from converter.meters import mbus, mbus_records, mbus_unit, mbus_vif
from converter.model import quantity, unit
from converter.model.point import MeteringPoint

# Published: flimmy78/qtverify, an answer without header; a telegram of the fixed structure.
BARE = bytes.fromhex("681F1F680800780C79197704350C03110000000C11380000000B590120000B5D1520006516")
FIXED = bytes.fromhex("68131368080573785634120A00E97E01000000350100003C16")

ENERGY, VOLUME, SUPPLY, RETURN, DATE = 2, 1, 5, 6, 8


def row(quantity, kind, base, function=0, storage=0, tariff=0, subunit=0, modifier=0, detail=0):
    return bytes(
        (quantity, kind, base, function, storage & 0xFF, storage >> 8)
        + (tariff, subunit, modifier, detail)
    )


HEAT = (
    row(ENERGY, mbus_vif.ENERGY, unit.WH)
    + row(VOLUME, mbus_vif.VOLUME, unit.M3)
    + row(SUPPLY, mbus_vif.FLOW_TEMPERATURE, unit.CELSIUS)
    + row(RETURN, mbus_vif.RETURN_TEMPERATURE, unit.CELSIUS)
)


def telegram(records):
    data = bytes.fromhex(records)
    out = bytearray(link.MAX_FRAME)
    out[7 : 7 + len(data)] = data
    return memoryview(out)[: link.close(out, link.RSP_UD, 1, 0x78, len(data))]


class HeaderStatus(unittest.TestCase):
    def setUp(self):
        self.point = MeteringPoint(bytes(6), bytes((VOLUME, quantity.HEADER_STATUS)), 0)
        self.answer = mbus.Answer(row(VOLUME, mbus_vif.VOLUME, unit.M3))

    def _telegram(self, ci, header, records="0C1301000000"):
        data = bytes.fromhex(header + records)
        out = bytearray(link.MAX_FRAME)
        out[7 : 7 + len(data)] = data
        return memoryview(out)[: link.close(out, link.RSP_UD, 1, ci, len(data))]

    def _says(self, *telegrams):
        self.answer.begin()
        for each in telegrams:
            self.answer.take(each)
        self.assertTrue(self.answer.publish(self.point, 7))
        return self.point.value(1)

    def test_of_each_kind_of_header(self):
        self.assertEqual(self._says(self._telegram(0x72, "452311709315 0A 07 02 14 0000")), 0x14)
        self.assertEqual(self._says(self._telegram(0x7A, "02 08 0000")), 0x08)
        mode_2 = self._telegram(0x76, "701123451593 0A 07 02 04 0000", "0C1300000001")
        self.assertEqual(self._says(mode_2), 0x04)
        self.assertEqual(self._says(self._telegram(0x78, "")), None)
        self.assertEqual(self._says(memoryview(FIXED)), None)

    def test_what_any_telegram_of_an_answer_says(self):
        first = self._telegram(0x72, "452311709315 0A 07 02 04 0000", "0C13010000001F")
        second = self._telegram(0x72, "452311709315 0A 07 03 10 0000", "0C1401000000")
        self.assertEqual(self._says(first, second), 0x14)
        self.assertEqual(self._says(self._telegram(0x72, "452311709315 0A 07 04 00 0000")), 0)


class Layout(unittest.TestCase):
    def setUp(self):
        self.point = MeteringPoint(bytes(6), bytes((ENERGY, VOLUME, SUPPLY, RETURN, DATE)), 0)

    def _held(self, code):
        k = self.point.slot(code)
        return self.point.value(k), self.point.exponent(k), self.point.unit(k)

    def _untouched(self):
        return all(self.point.time_s(k) == 0 for k in range(5))

    def test_published(self):
        self.assertTrue(mbus.read_values(HEAT, memoryview(BARE), self.point, 7))
        self.assertEqual(self._held(ENERGY), (11, 0, unit.WH))
        self.assertEqual(self._held(VOLUME), (38, -5, unit.M3))
        self.assertEqual(self._held(SUPPLY), (2001, -2, unit.CELSIUS))
        self.assertEqual(self._held(RETURN), (2015, -2, unit.CELSIUS))
        self.assertEqual(self.point.time_s(0), 7)

    def test_fixed(self):
        rows = row(VOLUME, mbus_vif.VOLUME, unit.M3)
        rows += row(ENERGY, mbus_vif.VOLUME, unit.M3, 0, 1)
        self.assertTrue(mbus.read_values(rows, memoryview(FIXED), self.point, 7))
        self.assertEqual(self._held(VOLUME), (1, -3, unit.M3))
        self.assertEqual(self._held(ENERGY), (135, -3, unit.M3))

    def test_untouched_when_a_row_is_missing(self):
        for wrong in (
            row(DATE, mbus_vif.POWER, unit.W),
            row(DATE, mbus_vif.ENERGY, unit.J),
            row(DATE, mbus_vif.ENERGY, unit.WH, mbus_records.MAXIMUM),
            row(DATE, mbus_vif.ENERGY, unit.WH, 0, 1),
            row(DATE, mbus_vif.ENERGY, unit.WH, 0, 256),
            row(DATE, mbus_vif.ENERGY, unit.WH, 0, 0, 1),
            row(DATE, mbus_vif.ENERGY, unit.WH, 0, 0, 0, 1),
            row(DATE, mbus_vif.ENERGY, unit.WH, 0, 0, 0, 0, 0x3B),
            row(DATE, mbus_vif.ENERGY, unit.WH, 0, 0, 0, 0, 0, 1),
            row(DATE, mbus_vif.ENERGY, unit.WH) + row(DATE, mbus_vif.ENERGY, unit.WH),
        ):
            rows = HEAT[mbus.ROW :] + wrong
            self.assertFalse(mbus.read_values(rows, memoryview(BARE), self.point, 7))
            self.assertTrue(self._untouched())

    def test_optional_rows_become_unknown(self):
        mbus.read_values(HEAT, memoryview(BARE), self.point, 1)
        optional = row(ENERGY, mbus_vif.POWER, mbus.ANY_UNIT, mbus.OPTIONAL)
        self.assertTrue(mbus.read_values(optional, memoryview(BARE), self.point, 9))
        self.assertEqual(self._held(ENERGY)[0], None)
        self.assertEqual(self.point.time_s(0), 9)

    def test_what_the_meter_does_not_have_is_unknown(self):
        rows = row(ENERGY, mbus_vif.ENERGY, unit.WH) + row(VOLUME, mbus_vif.VOLUME, unit.M3)
        for records in ("0C06FFFFFFFF02130500", "028615050002130500", "0206008002130500"):
            frame = telegram(records)
            self.assertTrue(mbus.read_values(rows, frame, self.point, 7))
            self.assertEqual(self._held(ENERGY)[0], None)
            self.assertEqual(self._held(VOLUME)[:2], (5, -3))

    def test_dates(self):
        rows = row(DATE, mbus_vif.DATE_TIME, unit.NONE)
        self.assertTrue(mbus.read_values(rows, telegram("046D0A2D8209"), self.point, 7))
        self.assertEqual(self._held(DATE), (40902131000, 0, unit.NONE))
        self.assertTrue(mbus.read_values(rows, telegram("046D8A2D8209"), self.point, 8))
        self.assertEqual(self._held(DATE)[0], None)

    def test_first_of_equals_counts_and_second_row_takes_the_next(self):
        rows = row(ENERGY, mbus_vif.ENERGY, unit.WH) + row(VOLUME, mbus_vif.ENERGY, unit.WH)
        self.assertTrue(mbus.read_values(rows, telegram("010301010302010303"), self.point, 7))
        self.assertEqual(self._held(ENERGY)[0], 1)
        self.assertEqual(self._held(VOLUME)[0], 2)

    def test_what_several_telegrams_hold(self):
        rows = row(ENERGY, mbus_vif.ENERGY, unit.WH) + row(VOLUME, mbus_vif.VOLUME, unit.M3)
        answer = mbus.Answer(rows)
        answer.begin()
        self.assertEqual(answer.take(telegram("0106071F")), mbus.MORE)
        self.assertFalse(answer.publish(self.point, 7))
        self.assertTrue(self._untouched())
        self.assertEqual(answer.take(telegram("011305")), mbus.WHOLE)
        self.assertTrue(answer.publish(self.point, 7))
        self.assertEqual((self._held(ENERGY)[0], self._held(VOLUME)[0]), (7, 5))
        answer.begin()
        self.assertEqual(answer.take(telegram("011305")), mbus.UNREADABLE)

    def test_a_fault_spoils_what_came_before(self):
        rows = row(ENERGY, mbus_vif.ENERGY, unit.WH)
        answer = mbus.Answer(rows)
        self.assertEqual(answer.take(telegram("010607" + "0C13")), mbus.UNREADABLE)
        self.assertFalse(answer.publish(self.point, 7))

    def test_manufacturers_phases_and_names_are_told_apart(self):
        rows = row(ENERGY, 0xC0, mbus_unit.VOLT, 0, 0, 0, 0, 0x7F, 2)
        rows += row(VOLUME, mbus_vif.NAMED, mbus.ANY_UNIT, 0, 0, 0, 0, 0, 0xBF)
        frame = telegram("02FDC9FF01E70002FDC9FF02E800" + "027C03485226D311" + "027C03485225D411")
        self.assertTrue(mbus.read_values(rows, frame, self.point, 7))
        self.assertEqual(self._held(ENERGY)[0], 232)
        self.assertEqual(self._held(VOLUME)[0], 4564)

    def test_other_telegrams_touch_nothing(self):
        out = bytearray(40)
        for ci, n in ((0x70, 1), (0x71, 1), (0x51, 3), (0x73, 4), (0x72, 5), (0xA0, 0)):
            frame = memoryview(out)[: link.close(out, link.RSP_UD, 1, ci, n)]
            self.assertFalse(mbus.read_values(b"", frame, self.point, 7), ci)
            self.assertTrue(self._untouched())
