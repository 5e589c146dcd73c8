import unittest

from converter.app.bus_task import BusTask
from converter.model.events import CONTROL_REFUSED, CONTROLS_REFUSED


class Node:
    def __init__(self):
        self.uptime_s = 5
        self.seen = []

    def now_s(self):
        return self.uptime_s

    def record_event(self, code, detail, value=0, since_s=None):
        self.seen.append((code, detail, value, since_s))


class Refused(unittest.TestCase):
    """A remote client that is refused for days leaves the ring to the others."""

    def setUp(self):
        self.node = Node()
        self.bus = BusTask(self.node, None, 0, (2, 0, 4), 1, ())

    def refuse(self, times, step_s):
        for _ in range(times):
            self.bus.refuse(1, 0x77)
            self.node.uptime_s += step_s
            self.bus.tell_refused(self.node.uptime_s)

    def test_one_an_hour_and_how_many_more(self):
        self.refuse(1, 0)
        self.assertEqual(self.node.seen, [(CONTROL_REFUSED, 1, 0x77, None)])
        self.refuse(1000, 3)
        self.assertEqual(len(self.node.seen), 1)
        self.refuse(200, 3)
        self.assertEqual(self.node.seen[1:], [(CONTROLS_REFUSED, 1, 1200, 5)])
        self.refuse(1, 0)
        self.assertEqual(self.node.seen[2:], [(CONTROL_REFUSED, 1, 0x77, None)])

    def test_nothing_to_add(self):
        self.refuse(1, 4000)
        self.refuse(1, 4000)
        self.assertEqual(self.node.seen, 2 * [(CONTROL_REFUSED, 1, 0x77, None)])

    def test_a_day_of_it(self):
        self.refuse(86400, 1)
        self.assertTrue(len(self.node.seen) <= 2 * 24)
        told = sum([value for code, _, value, _ in self.node.seen if code == CONTROLS_REFUSED])
        first = len([1 for code, _, _, _ in self.node.seen if code == CONTROL_REFUSED])
        self.assertEqual(told + first, 86400)


if __name__ == "__main__":
    unittest.main()
