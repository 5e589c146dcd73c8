"""Requests as published, answers judged, gas kept shut."""

import unittest

from converter.link import cjt188, master
from converter.link.framer import Framer
from converter.meters import cjt188_services as services
from feeding import arrive, flipped
from telegrams import HEAT_ANSWER, HEAT_REQUEST, hexa

# Frames without preamble. flimmy78/qtverify, 天罡热量表通讯协议V1.0d: standard time.
SET_TIME = hexa("682075364959001111040A15A0AA534208300514206A16")
# Read address: 力创LCR-U型读取表号命令, and cnblogs.com/cj94/p/18534598 with any type.
READ_ADDRESS_HEAT = hexa("6820AAAAAAAAAAAAAA0303810A00BF16")
READ_ADDRESS_ANY = hexa("68AAAAAAAAAAAAAAAA0303810A004916")
ADDRESS_IN_HEADER = hexa("68101802122020000083 03 810A00 F516".replace(" ", ""))
# Valve commands: a public script (water, close), an Android reader of gas meters (both).
WATER_CLOSE = hexa("6810AAAAAAAAAAAAAA0404A01700997616")
GAS_CLOSE = hexa("6830030000000000000404 17A00199 F416".replace(" ", ""))
GAS_OPEN = hexa("6830030000000000000404 17A00155 B016".replace(" ", ""))
GAS_SYNC = hexa("6830030000000000001608 16A0FF7856341200 8216".replace(" ", ""))
GAS_ADDRESS = hexa("683003000000000000150A 18A0FF05000000000000 7616".replace(" ", ""))
WATER_OPEN = hexa("6810690590051533780404 A0170155 5016".replace(" ", ""))
# Answers: cnblogs.com/cj94 (water), 德鲁 (unit 00), 光大伟业 (+33H), 汇中 (F in the address).
WATER = hexa("6810180212202000008116901F00000200002C000200002C0000000000000000FF8516")
SHIFTED = hexa(
    "682000000000000000812EC35234383333333338333333334A33333333683333"
    "33335C33333333345C33A75B3378333358494643394353338D8916"
)
FILLED = hexa(
    "6820FFFFF130156920812E1F9001000000000560400500050000000017000000"
    "0035831900002C1419001519002800000315170503042000084D16"
)
FRAMES = (HEAT_ANSWER, WATER, SHIFTED, FILLED, SET_TIME, GAS_SYNC, ADDRESS_IN_HEADER)
GAS = hexa("03000000000000")


def closed(body):
    return body + bytes((sum(body) & 0xFF, 0x16))


def sent(out, n):
    # What a builder put into out, without the preamble.
    start = len(cjt188.PREAMBLE)
    assert bytes(out[:start]) == cjt188.PREAMBLE
    return bytes(out[start:n])


class Builders(unittest.TestCase):
    def setUp(self):
        self.out = bytearray(cjt188.MAX_FRAME + 3)

    def test_reads(self):
        request = services.request
        n = request(self.out, 0x20, cjt188.ANY, services.NUMBER, 0)
        self.assertEqual(sent(self.out, n), READ_ADDRESS_HEAT)
        n = request(self.out, 0xAA, cjt188.ANY, services.NUMBER, 0)
        self.assertEqual(sent(self.out, n), READ_ADDRESS_ANY)
        address = hexa("75364959001111")
        n = request(self.out, 0x20, address, services.CURRENT, 0x12, services.MIRRORED)
        self.assertEqual(sent(self.out, n), HEAT_REQUEST)
        functions = (
            (services.HISTORY + 11, 0x01, "D12B"),
            (services.PRICES, 0x01, "8102"),
            (services.SETTLEMENT_DAY, 0x01, "8103"),
            (services.READING_DAY, 0x01, "8104"),
            (services.PURCHASE, 0x01, "8105"),
            (services.KEY_VERSION, 0x09, "8106"),
        )
        for di, function, wire in functions:
            frame = sent(self.out, request(self.out, 0x10, GAS, di, 7))
            self.assertEqual(frame[cjt188.CONTROL], function)
            self.assertEqual(frame[cjt188.DATA : cjt188.DATA_BODY], hexa(wire + "07"))
            self.assertEqual(cjt188.frame_len(frame, 0, len(frame)), len(frame))

    def test_other_functions_and_added_33(self):
        n = cjt188.read_request(self.out, 0x10, GAS, b"\x90\x1f\x21", 1)
        self.assertEqual(sent(self.out, n)[cjt188.CONTROL], 0x21)
        n = services.request(self.out, 0x20, bytes(7), services.CURRENT, 0x34, services.SHIFTED)
        request = sent(self.out, n)
        self.assertEqual(cjt188.accept(request, SHIFTED), cjt188.SOUND)

    def test_standard_time(self):
        address = hexa("75364959001111")
        when = (2014, 5, 30, 8, 42, 53)
        n = services.write_time(self.out, 0x20, address, 0xAA, services.MIRRORED, when)
        self.assertEqual(sent(self.out, n), SET_TIME)
        n = services.write_time(self.out, 0x20, address, 0xAA, services.CLOCK_HIGH_FIRST, when)
        body = sent(self.out, n)[cjt188.DATA_BODY : -2]
        self.assertEqual(body, hexa("20140530084253"))

    def test_new_address(self):
        new = hexa("05000000000000")
        n = services.write_address(self.out, 0x30, GAS, 0xFF, services.MIRRORED, new)
        self.assertEqual(sent(self.out, n), GAS_ADDRESS)

    def test_the_answer_to_a_new_address_from_there(self):
        new = hexa("01020304050607")
        for dialect in (0, services.SHIFTED):
            n = services.write_address(self.out, 0x10, GAS, 1, dialect, new)
            request = sent(self.out, n)
            answer = b"\x68\x10" + new + b"\x95\x03" + request[11:14]
            self.assertEqual(cjt188.accept(request, answer), cjt188.SOUND)
            self.assertEqual(
                cjt188.accept(request, answer[:2] + bytes(7) + answer[9:]), cjt188.NOT_OURS
            )

    def test_motor_sync(self):
        n = services.motor_sync(self.out, 0x30, GAS, 0xFF, services.MIRRORED, 12345678, 0)
        self.assertEqual(sent(self.out, n), GAS_SYNC)
        flags = services.HIGH_FIRST | services.UNIT_FIRST
        n = services.motor_sync(self.out, 0x10, GAS, 0, flags, 12345678, 0x2C)
        self.assertEqual(sent(self.out, n)[cjt188.DATA_BODY : -2], hexa("2C12345678"))
        with self.assertRaises(ValueError):
            services.motor_sync(self.out, 0x10, GAS, 0, 0, 10**8, 0x2C)

    def test_valve_of_water(self):
        n = services.valve(self.out, 0x10, cjt188.ANY, 0, 0, False)
        self.assertEqual(sent(self.out, n), WATER_CLOSE)
        n = services.valve(self.out, 0x10, hexa("69059005153378"), 1, 0, True)
        self.assertEqual(sent(self.out, n), WATER_OPEN)


class GasStaysShut(unittest.TestCase):
    def setUp(self):
        self.out = bytearray(cjt188.MAX_FRAME + 3)

    def test_close_is_sent(self):
        n = services.valve(self.out, 0x30, GAS, 1, services.MIRRORED, False)
        self.assertEqual(sent(self.out, n), GAS_CLOSE)
        self.assertFalse(cjt188.opens_gas_valve(GAS_CLOSE))

    def test_open_is_refused(self):
        for kind in (0x30, 0x31, 0x39, 0x3F, 0xAA):
            for dialect in range(32):
                self.out[:] = bytes(len(self.out))
                with self.assertRaises(ValueError):
                    services.valve(self.out, kind, GAS, 1, dialect, True)
                self.assertEqual(arrive(_framer(), bytes(self.out), 99), [])

    def test_no_other_way_in(self):
        for di in (b"\xa0\x17", b"\x17\xa0", b"\xd3\x4a", b"\x4a\xd3"):
            for control in (0x04, 0x01, 0x21, 0x33):
                for value in (0x55, 0x66, 0x77, 0xFF, 0x00, 0x88):
                    shift = 0 if 0xA0 in di else 0x33
                    body = bytes((control, 4)) + di + bytes((1, (value + shift) & 0xFF))
                    frame = closed(b"\x68\x30" + GAS + body)
                    self.assertTrue(cjt188.opens_gas_valve(frame))
        with self.assertRaises(ValueError):
            services.request(self.out, 0x30, GAS, services.VALVE, 1, 0, b"\x66")
        self.assertTrue(cjt188.opens_gas_valve(GAS_OPEN))
        self.assertTrue(cjt188.opens_gas_valve(b"\xfe\xfe" + GAS_OPEN, 2))

    def test_what_opens_nothing(self):
        reading = closed(b"\x68\x30" + GAS + b"\x01\x03\xa0\x17\x01")
        answer = closed(b"\x68\x30" + GAS + b"\x84\x05\xa0\x17\x01\x00\x00")
        for frame in (reading, answer, GAS_SYNC, GAS_ADDRESS, WATER_OPEN, WATER_CLOSE):
            self.assertFalse(cjt188.opens_gas_valve(frame))


class Judgement(unittest.TestCase):
    def verdict(self, request, answer):
        return master_of(request).answer(answer)

    def test_own_echo(self):
        self.assertEqual(self.verdict(HEAT_REQUEST, HEAT_REQUEST), master.WAIT)

    def test_other_type_same_meter(self):
        self.assertEqual(HEAT_ANSWER[cjt188.TYPE], 0x27)
        self.assertEqual(self.verdict(HEAT_REQUEST, HEAT_ANSWER), master.DONE)

    def test_filled_address(self):
        for address in ("FFFFF130156920", "00000130156920", "AAAAAAAAAAAAAA", "0FF00130156920"):
            request = closed(hexa("6820" + address + "01031F9001"))
            self.assertEqual(self.verdict(request, FILLED), master.DONE)
        for address in ("00000131156920", "00001130156920", "FFFFF1FF156920"):
            request = closed(hexa("6820" + address + "01031F9001"))
            self.assertEqual(self.verdict(request, FILLED), master.WAIT)

    def test_both_answers_with_an_address(self):
        self.assertEqual(self.verdict(READ_ADDRESS_ANY, ADDRESS_IN_HEADER), master.DONE)
        at = services.address_at(ADDRESS_IN_HEADER)
        self.assertEqual(ADDRESS_IN_HEADER[at : at + 7], hexa("18021220200000"))
        in_data = closed(hexa("6810AAAAAAAAAAAAAA830A810A0018021220200000"))
        self.assertEqual(self.verdict(READ_ADDRESS_ANY, in_data), master.DONE)
        at = services.address_at(in_data)
        self.assertEqual(in_data[at : at + 7], hexa("18021220200000"))

    def test_a_new_address_may_answer(self):
        for who in ("03000000000000", "05000000000000"):
            answer = closed(hexa("6830" + who + "950318A0FF"))
            self.assertEqual(self.verdict(GAS_ADDRESS, answer), master.DONE)
        foreign = closed(hexa("683006000000000000950318A0FF"))
        self.assertEqual(self.verdict(GAS_ADDRESS, foreign), master.WAIT)

    def test_status(self):
        refusal = closed(hexa("682075364959001111C103120400"))
        self.assertEqual(self.verdict(HEAT_REQUEST, refusal), master.REFUSED)
        at = services.status_at(refusal)
        self.assertEqual(refusal[at : at + 2], b"\x04\x00")
        done = closed(hexa("6830030000000000008405A017010100"))
        at = services.status_at(done)
        self.assertEqual(done[at : at + 2], b"\x01\x00")
        self.assertEqual(services.status_at(HEAT_ANSWER), 0)


def master_of(request):
    m = master.Master(cjt188.accept, 1)
    m.start(request)
    return m


def _framer():
    return Framer(cjt188.frame_len, 2 * cjt188.MAX_FRAME)


class Feeding(unittest.TestCase):
    def test_whole_and_byte_by_byte(self):
        for frame in FRAMES:
            for chunk in (1, 7, 200):
                self.assertEqual(arrive(_framer(), b"\xfe" * 4 + frame, chunk, False), [frame])

    def test_after_noise_and_with_a_tail(self):
        for frame in FRAMES:
            noisy = b"\x00\x68\x16\xff" + frame + b"\x52\x4f"
            self.assertEqual(arrive(_framer(), noisy, 3), [frame])

    def test_truncated(self):
        for frame in FRAMES:
            for n in range(len(frame)):
                self.assertEqual(arrive(_framer(), frame[:n], 9), [])

    def test_each_bit_flipped(self):
        for frame in FRAMES:
            for spoilt in flipped(frame):
                self.assertEqual(arrive(_framer(), spoilt, 99), [])
