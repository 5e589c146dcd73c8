import unittest

from converter.model import events
from converter.model.meter_alarms import MeterAlarms
from converter.model.point import MeteringPoint

STATUS, HEADER = 52, 54
# Valve fault, battery low, bit 3 of ST1; power low and permanent error of a header.
CJT188 = ((STATUS, 0x0807, True, 32),)
BOTH = ((HEADER, 0x0F, True, 64), (STATUS, 0xFFFFFFFF, False, 32))


class Judged(unittest.TestCase):
    def start(self, rows):
        self.point = MeteringPoint(bytes(6), bytes((1, STATUS, HEADER)), 60)
        self.found = MeterAlarms(rows)
        self.began = []

    def says(self, value, code=STATUS):
        self.point.publish(code, value, 0, 0, 10)
        return self.poll()

    def poll(self):
        del self.began[:]
        return self.found.judge(self.point, 3, self.record_event)

    def record_event(self, code, number, value):
        self.assertEqual((code, number), (events.ALARM, 3))
        self.began.append(value)

    def test_a_valve_is_at_fault_only_with_both_bits(self):
        self.start(CJT188)
        for state in (0, 1, 2):
            self.assertFalse(self.says(state))
            self.assertEqual(self.began, [])
        self.assertTrue(self.says(3))
        self.assertEqual(self.began, [32])
        self.assertTrue(self.says(3))
        self.assertEqual(self.began, [])
        self.assertFalse(self.says(1))

    def test_each_bit_begins_and_ends_by_itself(self):
        self.start(CJT188)
        self.assertTrue(self.says(0x0004))
        self.assertEqual(self.began, [34])
        self.assertTrue(self.says(0x0804))
        self.assertEqual(self.began, [43])
        self.assertTrue(self.says(0x0800))
        self.assertEqual(self.began, [])
        self.assertFalse(self.says(0))
        self.assertTrue(self.says(0x0004))
        self.assertEqual(self.began, [34])

    def test_what_the_profile_does_not_name_is_none(self):
        self.start(CJT188)
        self.assertFalse(self.says(0xF7F8))
        self.assertEqual(self.began, [])

    def test_an_unknown_status_ends_nothing_and_begins_nothing(self):
        self.start(CJT188)
        self.assertFalse(self.poll())
        self.assertTrue(self.says(4))
        self.assertTrue(self.says(None))
        self.assertEqual(self.began, [])
        self.assertFalse(self.says(0))

    def test_two_statuses(self):
        self.start(BOTH)
        self.assertFalse(self.says(0x10, HEADER))
        self.assertFalse(self.says(0x02, HEADER))
        self.assertTrue(self.says(0x08, HEADER))
        self.assertEqual(self.began, [67])
        self.assertTrue(self.says(0x80000003))
        self.assertEqual(self.began, [32, 33, 63])
        self.assertTrue(self.says(0, HEADER))
        self.assertFalse(self.says(0))
