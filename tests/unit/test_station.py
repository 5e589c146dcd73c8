import unittest

import stations
from converter.codec.checksum import sum8
from converter.link import dlt645
from converter.model import quantity, unit
from converter.model.point import MeteringPoint
from converter.station import rows
from requesting import request
from requesting import wire as di
from stations import row

_SUPPLY_TEMPERATURE = 5
_ENERGY = 2
_CONVERTER = b"\x01\x00\x00\x00\x00\x00"
_WATER = b"\x01\x03\x00\x00\x00\x00"
_HEAT = b"\x02\x03\x00\x00\x00\x00"

_TABLE = (
    row("00010000", _ENERGY, 4, 17, unit.WH)
    + row("00010000", quantity.VOLUME, 4, 14, unit.M3, rows.ALSO)
    + row("00010000", _ENERGY, 4, 23, unit.J, rows.ALSO)
    + row("04000401", quantity.ADDRESS, 6)
    + row("04000403", 0, 32, flags=rows.TEXT)
    + row("E0000100", quantity.VOLUME, 4, 14, unit.M3, rows.BY_POINT)
    + row("E0000500", _SUPPLY_TEMPERATURE, 0x83, 14, unit.CELSIUS, rows.BY_POINT)
)


class Reads(unittest.TestCase):
    def setUp(self):
        heat = (_ENERGY, quantity.VOLUME, _SUPPLY_TEMPERATURE)
        self.own = MeteringPoint(_CONVERTER, b"", 0)
        self.water = MeteringPoint(_WATER, bytes((quantity.VOLUME,)), 0)
        self.heat = MeteringPoint(_HEAT, bytes(heat), 60)
        self.water.publish(quantity.VOLUME, 123456, -2, unit.M3, 0)
        self.heat.publish(_ENERGY, 3638493, 1, unit.WH, 0)
        self.heat.publish(quantity.VOLUME, 710782, -2, unit.M3, 0)
        self.heat.publish(_SUPPLY_TEMPERATURE, -1234, -2, unit.CELSIUS, 0)
        self.station = self.build(0)
        self.out = bytearray(dlt645.MAX_FRAME)

    def build(self, bound):
        points = [self.own, self.water, self.heat]
        return stations.reading(stations.Home(points), _TABLE, (b"SB26000001",), bound)

    def ask(self, frame):
        # (address, control, plain data) of the answer, or None for silence.
        n = self.station.handle(frame, self.out)
        if not n:
            return None
        answer = bytes(self.out[:n])
        self.assertEqual(dlt645.frame_len(answer, 0, n), n)
        self.assertEqual(answer[n - 2], sum8(answer, 0, n - 2))
        data = bytes((b - 0x33) & 0xFF for b in answer[10 : n - 2])
        return answer[1:7], answer[8], data

    def test_no_other_quantity_passes_for_one_that_is_unknown(self):
        what = di("00010000")
        self.heat.publish(_ENERGY, None, 1, unit.WH, 1)
        self.assertEqual(self.ask(request(_HEAT, 0x11, what)), (_HEAT, 0xD1, b"\x02"))
        self.heat.publish(_ENERGY, 3638493, 1, unit.CELSIUS, 2)  # no row is in its unit
        self.assertEqual(self.ask(request(_HEAT, 0x11, what)), (_HEAT, 0xD1, b"\x02"))
        self.heat.publish(_ENERGY, 1234, 7, unit.J, 3)  # the last of three rows is
        self.assertEqual(self.ask(request(_HEAT, 0x11, what))[2], what + b"\x34\x12\x00\x00")

    def test_main_index_in_the_unit_of_the_medium(self):
        what = di("00010000")
        got = self.ask(request(_WATER, 0x11, what))
        self.assertEqual(got, (_WATER, 0x91, what + b"\x56\x34\x12\x00"))
        got = self.ask(request(_HEAT, 0x11, what))
        self.assertEqual(got, (_HEAT, 0x91, what + b"\x93\x84\x63\x03"))

    def test_point_number_under_the_converters_address(self):
        what = di("E0020100")
        got = self.ask(request(_CONVERTER, 0x11, what))
        self.assertEqual(got, (_CONVERTER, 0x91, what + b"\x82\x07\x71\x00"))
        # ... and not under another point's.
        self.assertEqual(self.ask(request(_WATER, 0x11, what)), (_WATER, 0xD1, b"\x02"))

    def test_negative_temperature(self):
        what = di("E0000500")
        got = self.ask(request(_HEAT, 0x11, what))
        self.assertEqual(got[2], what + b"\x34\x12\x80")

    def test_unknown_value_is_no_data(self):
        self.heat.publish(_ENERGY, None, 1, unit.WH, 0)
        self.heat.publish(quantity.VOLUME, None, -2, unit.M3, 0)
        got = self.ask(request(_HEAT, 0x11, di("00010000")))
        self.assertEqual(got, (_HEAT, 0xD1, b"\x02"))

    def test_stale_value_is_no_data(self):
        self.heat.expire(60)
        self.assertEqual(self.ask(request(_HEAT, 0x11, di("00010000")))[1], 0x91)
        self.heat.expire(61)
        self.assertEqual(self.ask(request(_HEAT, 0x11, di("00010000")))[1], 0xD1)

    def test_value_that_does_not_fit_is_an_error(self):
        self.water.publish(quantity.VOLUME, 100000000, -2, unit.M3, 0)
        got = self.ask(request(_WATER, 0x11, di("00010000")))
        self.assertEqual(got, (_WATER, 0xD1, b"\x01"))

    def test_other_unit_is_no_data(self):
        self.water.publish(quantity.VOLUME, 5, 0, unit.WH, 0)
        self.assertEqual(self.ask(request(_WATER, 0x11, di("00010000")))[1], 0xD1)

    def test_unknown_identifier(self):
        got = self.ask(request(_WATER, 0x11, di("02010100")))
        self.assertEqual(got, (_WATER, 0xD1, b"\x02"))

    def test_read_address(self):
        got = self.ask(request(b"\xaa" * 6, 0x13))
        self.assertEqual(got, (_CONVERTER, 0x93, _CONVERTER))
        self.station = self.build(1)
        self.assertEqual(self.ask(request(b"\xaa" * 6, 0x13))[0], _WATER)
        # No error answers here (clause 7.5): anything odd is silence.
        self.assertIsNone(self.ask(request(b"\xaa" * 6, 0x13, b"\x00")))

    def test_address_and_serial_as_parameters(self):
        got = self.ask(request(_HEAT, 0x11, di("04000401")))
        self.assertEqual(got[2], di("04000401") + _HEAT)
        got = self.ask(request(_CONVERTER, 0x11, di("04000403")))
        self.assertEqual(got[2][4:], bytes(22) + b"10000062BS")

    def test_shortened_address(self):
        # Low bytes given, the rest AA: only the bound station answers.
        what = di("04000401")
        got = self.ask(request(b"\x01\xaa\xaa\xaa\xaa\xaa", 0x11, what))
        self.assertEqual(got, (_CONVERTER, 0x91, what + _CONVERTER))
        self.assertIsNone(self.ask(request(b"\x01\x03\xaa\xaa\xaa\xaa", 0x11, what)))
        # AA below a given byte is no shortening.
        self.assertIsNone(self.ask(request(b"\xaa\x00\x00\x00\x00\x00", 0x11, what)))

    def test_silence(self):
        what = di("00010000")
        self.assertIsNone(self.ask(request(b"\x99" * 6, 0x11, what)))
        self.assertIsNone(self.ask(request(b"\x07\x00\x00\x00\x00\x00", 0x11, what)))
        self.assertIsNone(self.ask(request(_WATER, 0x91, what + bytes(4))))
        self.assertIsNone(self.ask(request(_WATER, 0x08, bytes(6))))

    def test_which_requests_are_ours(self):
        def ours(address, control=0x11):
            return self.station.is_ours(request(address, control, bytes(4)))

        self.assertTrue(ours(_CONVERTER) and ours(_HEAT) and ours(b"\xaa" * 6, 0x13))
        self.assertFalse(ours(b"\x99" * 6) or ours(b"\x07" + bytes(5)))
        self.assertFalse(ours(_CONVERTER, 0x91))
        self.assertTrue(ours(b"\x01" + b"\xaa" * 5))
        self.assertFalse(ours(b"\x01\x03" + b"\xaa" * 4))  # not the bound one

    def test_service_we_do_not_offer_is_refused(self):
        got = self.ask(request(_WATER, 0x1C, bytes(16)))
        self.assertEqual(got, (_WATER, 0xDC, b"\x01"))

    def test_wrong_length(self):
        got = self.ask(request(_WATER, 0x11, b"\x00\x00\x01"))
        self.assertEqual(got, (_WATER, 0xD1, b"\x01"))
