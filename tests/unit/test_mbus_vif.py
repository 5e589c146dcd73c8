import unittest

from converter.meters import mbus_unit, mbus_vif, mbus_vif_ext
from converter.model import unit
from mbus_walk import one, walk


class Primary(unittest.TestCase):
    def test_every_decade(self):
        for first, n, kind, base, exponent in (
            (0x00, 8, mbus_vif.ENERGY, unit.WH, -3),
            (0x08, 8, mbus_vif.ENERGY, unit.J, 0),
            (0x10, 8, mbus_vif.VOLUME, unit.M3, -6),
            (0x18, 8, mbus_vif.MASS, mbus_unit.KG, -3),
            (0x28, 8, mbus_vif.POWER, unit.W, -3),
            (0x30, 8, mbus_vif.POWER, mbus_unit.J_PER_H, 0),
            (0x38, 8, mbus_vif.VOLUME_FLOW, unit.M3_PER_H, -6),
            (0x40, 8, mbus_vif.VOLUME_FLOW, mbus_unit.M3_PER_MIN, -7),
            (0x48, 8, mbus_vif.VOLUME_FLOW, mbus_unit.M3_PER_S, -9),
            (0x50, 8, mbus_vif.MASS_FLOW, mbus_unit.KG_PER_H, -3),
            (0x58, 4, mbus_vif.FLOW_TEMPERATURE, unit.CELSIUS, -3),
            (0x5C, 4, mbus_vif.RETURN_TEMPERATURE, unit.CELSIUS, -3),
            (0x60, 4, mbus_vif.TEMPERATURE_DIFFERENCE, mbus_unit.KELVIN, -3),
            (0x64, 4, mbus_vif.EXTERNAL_TEMPERATURE, unit.CELSIUS, -3),
            (0x68, 4, mbus_vif.PRESSURE, mbus_unit.BAR, -3),
        ):
            for k in range(n):
                got = one(f"02{first + k:02X}3412")
                self.assertEqual(got, (kind, 0x1234, exponent + k, base))

    def test_durations(self):
        for first, kind in (
            (0x20, mbus_vif.ON_TIME),
            (0x24, mbus_vif.OPERATING_TIME),
            (0x70, mbus_vif.AVERAGING_DURATION),
            (0x74, mbus_vif.ACTUALITY_DURATION),
        ):
            self.assertEqual(one(f"01{first:02X}07"), (kind, 7, 0, mbus_unit.SECOND))
            self.assertEqual(one(f"01{first + 1:02X}07"), (kind, 420, 0, mbus_unit.SECOND))
            self.assertEqual(one(f"01{first + 2:02X}07"), (kind, 7, 0, unit.HOUR))
            self.assertEqual(one(f"01{first + 3:02X}07"), (kind, 168, 0, unit.HOUR))

    def test_singles(self):
        for vif, kind in (
            (0x6E, mbus_vif.HCA),
            (0x78, mbus_vif.FABRICATION_NUMBER),
            (0x79, mbus_vif.IDENTIFICATION),
            (0x7A, mbus_vif.BUS_ADDRESS),
            (0x7E, mbus_vif.ANY),
            (0x7F, mbus_vif.MANUFACTURER),
            (0x6F, mbus_vif.UNKNOWN),
            (0x7B, mbus_vif.UNKNOWN),
            (0x7D, mbus_vif.UNKNOWN),
        ):
            self.assertEqual(one(f"09{vif:02X}42")[:3], (kind, 42, 0))

    def test_an_address_has_no_sign(self):
        self.assertEqual(one("017AFE")[1], 254)


class Extended(unittest.TestCase):
    def test_fd(self):
        for hexed, want in (
            ("02FD49E700", (0x80 | 0x40, 231, 0, mbus_unit.VOLT)),
            ("02FD402A00", (0x80 | 0x40, 42, -9, mbus_unit.VOLT)),
            ("02FD592A00", (0x80 | 0x50, 42, -3, mbus_unit.AMPERE)),
            ("01FD022A", (0x80, 42, -1, mbus_unit.CURRENCY)),
            ("01FD172A", (0x97, 42, 0, unit.NONE)),
            ("01FD0EFF", (0x8E, 255, 0, unit.NONE)),
            ("01FD2502", (0xA4, 120, 0, mbus_unit.SECOND)),
            ("01FD2802", (0xA4, 2, 0, mbus_unit.MONTH)),
            ("01FD2902", (0xA4, 2, 0, mbus_unit.YEAR)),
            ("01FD3102", (0xB1, 120, 0, mbus_unit.SECOND)),
            ("01FD3302", (0xB1, 48, 0, unit.HOUR)),
            ("01FD6802", (0xE8, 2, 0, unit.HOUR)),
            ("01FD6F02", (0xEC, 2, 0, mbus_unit.YEAR)),
            ("01FD7102", (0xF1, 2, 0, mbus_unit.DBM)),
            ("01FD7402", (0xF4, 48, 0, unit.HOUR)),
            ("01FD1902", (mbus_vif.UNKNOWN, 2, 0, unit.NONE)),
            ("01FD7902", (mbus_vif.UNKNOWN, 2, 0, unit.NONE)),
        ):
            self.assertEqual(one(hexed), want)

    def test_fb(self):
        for hexed, want in (
            ("01FB0102", (mbus_vif.ENERGY, 2, 6, unit.WH)),
            ("01FB0802", (mbus_vif.ENERGY, 2, 8, unit.J)),
            ("01FB0D02", (mbus_vif.ENERGY, 2, 6, mbus_unit.CAL)),
            ("01FB0302", (mbus_vif.REACTIVE_ENERGY, 2, 4, mbus_unit.VARH)),
            ("01FB1102", (mbus_vif.VOLUME, 2, 3, unit.M3)),
            ("01FB1802", (mbus_vif.MASS, 2, 5, mbus_unit.KG)),
            ("01FB1A02", (mbus_vif.HUMIDITY, 2, -1, mbus_unit.PERCENT)),
            ("01FB2902", (mbus_vif.POWER, 2, 6, unit.W)),
            ("01FB2E02", (mbus_vif.FREQUENCY, 2, -1, mbus_unit.HERTZ)),
            ("01FB3102", (mbus_vif.POWER, 2, 9, mbus_unit.J_PER_H)),
            ("01FB7702", (mbus_vif.TEMPERATURE_LIMIT, 2, 0, unit.CELSIUS)),
            ("01FB7F02", (mbus_vif.CUMULATED_MAXIMUM_POWER, 2, 4, unit.W)),
            ("01FB2302", (mbus_vif.UNKNOWN, 2, 0, unit.NONE)),
            ("01FB5902", (mbus_vif.UNKNOWN, 2, 0, unit.NONE)),
        ):
            self.assertEqual(one(hexed), want)

    def test_codes_are_those_that_are_named(self):
        self.assertEqual(one("04FD3000000101")[0], mbus_vif_ext.START_OF_TARIFF)
        self.assertEqual(one("04FD7000000101")[0], mbus_vif_ext.BATTERY_CHANGE)
        self.assertEqual(one("04FD7200000101")[0], mbus_vif_ext.DAYLIGHT_SAVING)


class Vife(unittest.TestCase):
    def test_powers_of_ten_are_exact(self):
        for code in range(0x70, 0x78):
            got = one(f"0193{code:02X}05")
            self.assertEqual(got, (mbus_vif.VOLUME, 5, -3 + code - 0x76, unit.M3))
        self.assertEqual(one("01937D05")[2], 0)
        self.assertEqual(one("0193F07D05")[2], -6)

    def test_others_are_noted(self):
        for vifes, modifier in (
            ("3B", 0x3B),
            ("28", 0x28),
            ("40", 0x40),
            ("79", 0x79),
            ("7E", 0x7E),
            ("FC01", 0x81),
            ("BB7E", 0xFF),
            ("BB72", 0x3B),
            ("00", 0),
        ):
            last = int(vifes[-2:], 16)
            r = walk("0193" + vifes + "05")
            self.assertTrue(r.next(), vifes)
            self.assertEqual((r.kind, r.modifier, r.read()), (mbus_vif.VOLUME, modifier, 5), last)

    def test_other_quantity_than_the_vif_says(self):
        for vife, kind, base in (
            ("41", mbus_vif.COUNT_OF, unit.NONE),
            ("49", mbus_vif.COUNT_OF, unit.NONE),
            ("50", mbus_vif.DURATION_OF, mbus_unit.SECOND),
            ("5F", mbus_vif.DURATION_OF, unit.HOUR),
            ("62", mbus_vif.DURATION_OF, unit.HOUR),
            ("42", mbus_vif.DATE_OF, unit.NONE),
            ("4F", mbus_vif.DATE_OF, unit.NONE),
            ("6B", mbus_vif.DATE_OF, unit.NONE),
            ("39", mbus_vif.DATE_OF, unit.NONE),
            ("3D", mbus_vif.UNKNOWN, unit.NONE),
            ("3F", mbus_vif.UNKNOWN, unit.NONE),
            ("44", mbus_vif.UNKNOWN, unit.NONE),
            ("4D", mbus_vif.UNKNOWN, unit.NONE),
        ):
            r = walk("01BE" + vife + "05")
            r.next()
            self.assertEqual((r.kind, r.unit, r.scale), (kind, base, 0), vife)

    def test_record_errors_have_no_value(self):
        for code in ("15", "16", "17", "18", "0E"):
            r = walk("0293" + code + "0500")
            self.assertTrue(r.next())
            self.assertEqual((r.kind, r.read()), (mbus_vif.VOLUME, None))
            self.assertEqual(r.fault, int(code, 16))

    def test_actions_to_the_meter(self):
        r = walk("0293070500", 0, False, True)
        r.next()
        self.assertEqual((r.fault, r.modifier, r.read()), (0, 7, 5))

    def test_manufacturers_own(self):
        r = walk("02FDC9FF01E70002FF681234")
        r.next()
        self.assertEqual((r.kind, r.modifier, r.detail, r.read()), (0xC0, 0x7F, 1, 231))
        r.next()
        self.assertEqual((r.kind, r.modifier, r.detail), (mbus_vif.MANUFACTURER, 0, 0x68))

    def test_plain_text(self):
        r = walk("02FC0348522574D411" + "017C034852254A")
        r.next()
        self.assertEqual((r.kind, r.read(), r.exponent), (mbus_vif.NAMED, 4564, -2))
        self.assertEqual((r.name_at, r.name_n, r.detail), (3, 3, 0xBF))
        r.next()
        self.assertEqual((r.kind, r.read(), r.exponent), (mbus_vif.NAMED, 74, 0))
        self.assertFalse(r.next())
