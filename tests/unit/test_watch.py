import unittest

from converter.model import alarms
from converter.model.alarms import Alarms
from converter.model.watch import Watch

HOUR_S = 3600
DAY_S = 86400
OFF = (0, 600, 0, 60, 0, 0, 0)


class House:
    """Seconds that pass; the alarms that began, each with the second it began in."""

    def __init__(self, **limits):
        chosen = list(OFF)
        for name in limits:
            chosen[NAMES.index(name)] = limits[name]
        self.watch = Watch(tuple(chosen), 1, 1)
        self.found = Alarms()
        self.now_s = 0
        self.began = []

    def second(self, forward=0, reverse=0):
        self.now_s += 1
        self.watch.count(forward, reverse, 1000)
        self.watch.judge(1, self.now_s, self.found, self._raised)

    def run(self, span_s, every_s=0):
        # One pulse every so many seconds, 0: none.
        for n in range(1, span_s + 1):
            self.second(1 if every_s and n % every_s == 0 else 0)

    def holds(self, bit):
        return bool(self.found.active & 1 << bit)

    def _raised(self, bit):
        self.began.append((bit, self.now_s))


NAMES = ("over", "over_s", "burst", "burst_s", "leak_s", "idle_s", "back")


class Flows(unittest.TestCase):
    # One pulse a second is 3600 units an hour: 3600000 thousandths.
    LIMIT = 3599999

    def test_over_flow_after_its_time(self):
        house = House(over=self.LIMIT, over_s=60)
        house.run(11, 1)  # the window is full with the eleventh pulse
        self.assertEqual(house.watch.flow, 3600000)
        house.run(58, 1)
        self.assertFalse(house.holds(alarms.OVER_FLOW))
        house.run(1, 1)
        self.assertTrue(house.holds(alarms.OVER_FLOW))
        self.assertEqual(house.began, [(alarms.OVER_FLOW, 70)])
        self.assertEqual(house.found.entry(alarms.OVER_FLOW), (1, 70))
        house.run(100, 1)
        self.assertEqual(len(house.began), 1)
        house.second()  # a pulse a second, and this one is there to the second
        self.assertTrue(house.holds(alarms.OVER_FLOW))
        house.second()
        self.assertFalse(house.holds(alarms.OVER_FLOW))

    def test_at_the_limit_is_not_above_it(self):
        house = House(over=self.LIMIT + 1, over_s=1, burst=self.LIMIT + 1, burst_s=1)
        house.run(100, 1)
        self.assertEqual(house.began, [])

    def test_an_interruption_begins_anew(self):
        house = House(over=self.LIMIT, over_s=60)
        house.run(60, 1)
        house.run(2)
        self.assertEqual(house.watch.flow, 1800000)
        house.second(1)
        house.run(60, 1)
        self.assertEqual(house.began, [])

    def test_burst_has_limits_of_its_own(self):
        house = House(over=self.LIMIT, over_s=60, burst=2 * self.LIMIT, burst_s=5)
        for _ in range(40):  # the window is full with the eleventh second
            house.second(2)
        self.assertEqual(house.began, [(alarms.BURST, 15)])
        for _ in range(40):
            house.second(2)
        self.assertEqual(house.began, [(alarms.BURST, 15), (alarms.OVER_FLOW, 70)])


class Leak(unittest.TestCase):
    def test_judged_at_the_days_end_only(self):
        house = House(leak_s=HOUR_S)
        house.run(DAY_S - 1, 600)
        self.assertEqual(house.began, [])
        house.run(1)
        self.assertEqual(house.began, [(alarms.LEAK, DAY_S)])
        # A night's pause ends it, at the end of that day.
        house.run(HOUR_S)
        house.run(DAY_S - HOUR_S - 1, 600)
        self.assertTrue(house.holds(alarms.LEAK))
        house.run(1)
        self.assertFalse(house.holds(alarms.LEAK))

    def test_one_pause_long_enough(self):
        for pause_s, leaks in ((HOUR_S - 1, True), (HOUR_S, False)):
            house = House(leak_s=HOUR_S)
            house.run(40000, 1000)
            house.run(pause_s)
            house.second(1)
            house.run(DAY_S - 40000 - pause_s - 1, 500)
            self.assertEqual(house.holds(alarms.LEAK), leaks, pause_s)

    def test_a_house_without_water_does_not_leak(self):
        house = House(leak_s=DAY_S)
        house.run(DAY_S)
        self.assertEqual(house.began, [])


class Idle(unittest.TestCase):
    def test_begins_and_ends_at_its_second(self):
        house = House(idle_s=HOUR_S)
        house.second(1)
        house.run(HOUR_S - 1)
        self.assertEqual(house.began, [])
        house.run(1)
        self.assertEqual(house.began, [(alarms.NO_CONSUMPTION, HOUR_S + 1)])
        house.second(1)
        self.assertFalse(house.holds(alarms.NO_CONSUMPTION))

    def test_thirty_days(self):
        house = House(idle_s=30 * DAY_S)
        for _ in range(30 * 24 * 60 - 1):
            house.watch.count(0, 0, 60000)
            house.watch.judge(60, 1, house.found, house._raised)
        self.assertEqual(house.began, [])
        house.watch.count(0, 0, 60000)
        house.watch.judge(60, 1, house.found, house._raised)
        self.assertTrue(house.holds(alarms.NO_CONSUMPTION))


class Backwards(unittest.TestCase):
    def test_behind_the_furthest_point(self):
        house = House(back=5)
        house.second(100)
        house.second(0, 4)
        self.assertEqual(house.began, [])
        house.second(0, 1)
        self.assertEqual(house.began, [(alarms.BACKFLOW, 3)])
        house.second(0, 3)
        house.second(3)
        self.assertTrue(house.holds(alarms.BACKFLOW))
        house.second(1)
        self.assertFalse(house.holds(alarms.BACKFLOW))
        house.second(100)
        house.second(0, 4)
        self.assertFalse(house.holds(alarms.BACKFLOW))

    def test_a_swinging_wheel_is_none(self):
        house = House(back=2)
        for _ in range(1000):
            house.second(0, 1)
            house.second(1)
        self.assertEqual(house.began, [])


class Off(unittest.TestCase):
    def test_a_limit_of_0_never_raises(self):
        house = House()
        house.second(1000)
        for _ in range(2 * DAY_S // 60):
            house.watch.count(1000, 2000, 60000)
            house.watch.judge(60, 1, house.found, house._raised)
        house.run(2 * HOUR_S)
        self.assertEqual((house.began, house.found.active), ([], 0))
        self.assertFalse(house.found.dirty)
