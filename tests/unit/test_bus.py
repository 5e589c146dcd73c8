import unittest

from converter.link import cjt188, master
from converter.meters import cjt188 as layout188
from converter.model import quantity, unit
from converter.model.point import MeteringPoint
from telegrams import HEAT_ANSWER, HEAT_REQUEST, hexa

_OPERATING_HOURS = 7
_RETURN_TEMPERATURE = 6
_SUPPLY_TEMPERATURE = 5
_FLOW = 4
_POWER = 3
_ENERGY = 2
_LAYOUT = bytes(
    (_ENERGY, 5, 4, 14, 0xFF)
    + (_POWER, 10, 4, 14, 0xFF)
    + (_FLOW, 15, 4, 12, 0xFF)
    + (quantity.VOLUME, 20, 4, 14, 0xFF)
    + (_SUPPLY_TEMPERATURE, 25, 3, 14, unit.CELSIUS)
    + (_RETURN_TEMPERATURE, 28, 3, 14, unit.CELSIUS)
    + (_OPERATING_HOURS, 31, 3, 16, unit.HOUR)
)


def _close(body):
    return body + bytes((sum(body) & 0xFF, 0x16))


class Exchange(unittest.TestCase):
    def start(self, tries=3):
        m = master.Master(cjt188.accept, tries)
        self.assertEqual(m.start(HEAT_REQUEST), master.SEND)
        return m

    def test_request_as_published(self):
        out = bytearray(32)
        n = cjt188.read_request(out, 0x20, hexa("75364959001111"), b"\x1f\x90", 0x12)
        self.assertEqual(bytes(out[:n]), cjt188.PREAMBLE + HEAT_REQUEST)

    def test_answer(self):
        self.assertEqual(self.start().answer(HEAT_ANSWER), master.DONE)

    def test_own_echo_is_not_an_answer(self):
        m = self.start()
        self.assertEqual(m.answer(HEAT_REQUEST), master.WAIT)
        self.assertEqual(m.answer(HEAT_ANSWER), master.DONE)

    def test_foreign_and_late_answers(self):
        for at in (2, 8, 11, 12, 13):  # address ends, data identifier, sequence number
            other = bytearray(HEAT_ANSWER[:-2])
            other[at] ^= 1
            self.assertEqual(self.start().answer(_close(bytes(other))), master.WAIT)

    def test_refusal(self):
        refusal = _close(hexa("682075364959001111C103120400"))
        self.assertEqual(self.start().answer(refusal), master.REFUSED)
        late = _close(hexa("682075364959001111C103110400"))
        self.assertEqual(self.start().answer(late), master.WAIT)

    def test_gives_up(self):
        m = self.start(3)
        said = [m.timed_out() for _ in range(3)]
        self.assertEqual(said, [master.SEND, master.SEND, master.SILENT])
        self.assertEqual(m.retries, 2)


class Layout(unittest.TestCase):
    def setUp(self):
        codes = bytes(_LAYOUT[i] for i in range(0, len(_LAYOUT), 5))
        self.point = MeteringPoint(bytes(6), codes, 60)

    def got(self, code):
        slot = self.point.slot(code)
        return self.point.value(slot), self.point.exponent(slot), self.point.unit(slot)

    def test_published_values(self):
        self.assertTrue(layout188.read_values(_LAYOUT, HEAT_ANSWER, self.point, 7))
        self.assertEqual(self.got(_ENERGY), (3638493, 1, unit.WH))
        self.assertEqual(self.got(_POWER), (475, 1, unit.W))
        self.assertEqual(self.got(_FLOW), (9310, -4, unit.M3_PER_H))
        self.assertEqual(self.got(quantity.VOLUME), (710782, -2, unit.M3))
        self.assertEqual(self.got(_SUPPLY_TEMPERATURE), (5104, -2, unit.CELSIUS))
        self.assertEqual(self.got(_RETURN_TEMPERATURE), (4661, -2, unit.CELSIUS))
        self.assertEqual(self.got(_OPERATING_HOURS), (28390, 0, unit.HOUR))
        self.assertEqual(self.point.time_s(0), 7)

    def test_absent_field_and_unknown_unit_are_unknown(self):
        answer = bytearray(HEAT_ANSWER)
        answer[14 + 10 : 14 + 14] = b"\xff\xff\xff\xff"
        answer[14 + 9] = 0x77
        self.assertTrue(layout188.read_values(_LAYOUT, answer, self.point, 0))
        self.assertIsNone(self.got(_POWER)[0])
        self.assertIsNone(self.got(_ENERGY)[0])
        self.assertEqual(self.got(quantity.VOLUME)[0], 710782)

    def test_short_answer_publishes_nothing(self):
        short = bytearray(HEAT_ANSWER)
        short[cjt188.LENGTH] = 36
        self.assertFalse(layout188.read_values(_LAYOUT, short, self.point, 0))
        self.assertIsNone(self.got(_ENERGY)[0])
