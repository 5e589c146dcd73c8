import unittest

from converter.model.flow import Flow

HOUR_S = 3600
DAY_S = 86400
WINDOW_S = 10


def running(period_ms, pulses):
    # A flow of one pulse each period, just after the last of them; seen ten times a second.
    flow = Flow()
    for _ in range(pulses):
        rest_ms = period_ms
        while rest_ms > 100:
            flow.step(0, 100)
            rest_ms -= 100
        flow.step(1, rest_ms)
    return flow


class Mean(unittest.TestCase):
    def test_unknown_until_a_window_is_full(self):
        flow = Flow()
        self.assertIsNone(flow.pulses_per_h(1, 1))
        for _ in range(100):
            flow.step(0, 1000)
            self.assertIsNone(flow.pulses_per_h(1, 1))
        flow.step(1, 1000)
        self.assertIsNone(flow.pulses_per_h(1, 1))
        flow.step(0, 9999)
        self.assertIsNone(flow.pulses_per_h(1, 1))
        flow.step(1, 1)
        self.assertEqual(flow.pulses_per_h(1, 1), 360)

    def test_a_steady_flow_is_exact(self):
        for period_ms in (50, 70, 1000, 3300, 10000, 12345, 600000):
            flow = running(period_ms, 3 + 25000 // period_ms)
            self.assertEqual(flow.pulses_per_h(1, 1), 3600000 // period_ms, period_ms)
            self.assertEqual(flow.pulses_per_h(10, 3), 12000000 // period_ms, period_ms)

    def test_many_pulses_in_one_look(self):
        flow = Flow()
        for _ in range(30):
            flow.step(200, 1000)
        self.assertEqual(flow.pulses_per_h(1, 1), 200 * 3600)

    def test_a_window_begins_and_ends_with_a_pulse(self):
        flow = running(1000, 12)
        self.assertEqual(flow.pulses_per_h(1, 1), 3600)
        flow = running(4000, 4)  # 3 pulses in 12 s: the first only opened it
        self.assertEqual(flow.pulses_per_h(1, 1), 900)


class Decay(unittest.TestCase):
    def test_after_the_last_pulse(self):
        # No more than would just not have made another pulse; never upwards, and it ends at 0.
        flow = running(1000, 20)
        last = flow.pulses_per_h(1, 1)
        self.assertEqual(last, 3600)
        passed_s = 0
        for step_s in (1, 1, 1, 7, 50, HOUR_S, HOUR_S):
            passed_s += step_s
            for _ in range(step_s):
                flow.step(0, 1000)
            now = flow.pulses_per_h(1, 1)
            self.assertTrue(now <= last)
            self.assertEqual(now, 3600 // max(passed_s, 1))
            last = now
        self.assertEqual(last, 0)

    def test_while_the_next_pulse_is_not_late_it_stays(self):
        flow = running(5000, 10)
        for _ in range(50):
            flow.step(0, 100)
            self.assertEqual(flow.pulses_per_h(1, 1), 720)
        flow.step(0, 100)
        self.assertTrue(flow.pulses_per_h(1, 1) < 720)

    def test_the_pause_counts_for_the_mean_after_it(self):
        flow = running(1000, 20)
        for _ in range(HOUR_S):
            flow.step(0, 1000)
        flow.step(1, 0)
        # The pulses since the last whole window, in all that time.
        self.assertTrue(1 <= flow.pulses_per_h(1, 1) <= 10)


class Quiet(unittest.TestCase):
    def test_since_the_last_pulse(self):
        flow = Flow()
        for _ in range(25):
            flow.step(0, 100)
        self.assertEqual(flow.quiet_s, 2)
        flow.step(1, 100)
        self.assertEqual(flow.quiet_s, 0)
        for _ in range(9):
            flow.step(0, 100)
        self.assertEqual(flow.quiet_s, 0)
        flow.step(0, 100)
        self.assertEqual(flow.quiet_s, 1)

    def test_a_house_where_nobody_lives(self):
        # Months: beyond every word of milliseconds.
        flow = running(1000, 20)
        for day in range(1, 201):
            for _ in range(24):
                flow.step(0, HOUR_S * 1000)
            self.assertEqual(flow.quiet_s, day * DAY_S)
            self.assertEqual(flow.pulses_per_h(1, 1), 0)
        flow.step(1, 1000)
        self.assertEqual(flow.quiet_s, 0)
        flow.step(1, WINDOW_S * 1000)
        self.assertEqual(flow.pulses_per_h(1, 1), 360)
