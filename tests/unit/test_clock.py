import random
import unittest

from converter.model.clock import UNKNOWN, Clock

T = 825675630


class Unknown(unittest.TestCase):
    def test_until_it_is_set(self):
        clock = Clock()
        self.assertFalse(clock.valid)
        self.assertEqual(clock.now_s(1000), UNKNOWN)
        self.assertEqual(clock.follow(None, 1000), 0)
        self.assertFalse(clock.valid)
        self.assertIsNone(clock.set(T, 1000))
        self.assertTrue(clock.valid)
        self.assertEqual(clock.now_s(1060), T + 60)

    def test_until_the_chip_tells_it(self):
        clock = Clock()
        self.assertIsNone(clock.follow(T, 5))
        self.assertEqual(clock.now_s(7), T + 2)


class Steps(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()
        self.clock.set(T, 100)

    def test_set_tells_the_step(self):
        self.assertEqual(self.clock.set(T + 3600, 110), 3590)
        self.assertEqual(self.clock.now_s(110), T + 3600)
        self.assertEqual(self.clock.set(T, 110), -3600)
        self.assertEqual(self.clock.now_s(111), T + 1)
        self.assertEqual(self.clock.set(T + 1, 111), 0)

    def test_drift_is_followed_and_is_no_step(self):
        # The crystal runs 100 ppm fast: unfollowed, it would be a minute ahead after a week.
        for hour in range(1, 7 * 24 + 1):
            chip = T + hour * 3600
            uptime = 100 + hour * 3600 + hour * 36 // 100
            self.assertEqual(self.clock.follow(chip, uptime), 0, hour)
            self.assertTrue(abs(self.clock.now_s(uptime) - chip) <= 1, hour)

    def test_more_than_drift_is_a_step(self):
        self.assertEqual(self.clock.follow(T + 10 + 2, 110), 0)
        self.assertEqual(self.clock.follow(T + 10 + 5, 110), 3)
        self.assertEqual(self.clock.now_s(110), T + 15)
        self.assertEqual(self.clock.follow(T + 11, 110), -4)
        self.assertEqual(self.clock.now_s(110), T + 11)

    def test_set_back_by_the_drift_it_waits(self):
        self.assertEqual(self.clock.now_s(110), T + 10)
        self.assertEqual(self.clock.follow(T + 8, 110), 0)
        self.assertEqual([self.clock.now_s(110 + n) - T for n in range(5)], [10, 10, 10, 11, 12])

    def test_a_chip_that_fails_leaves_the_time(self):
        self.assertEqual(self.clock.follow(None, 110), 0)
        self.assertEqual(self.clock.now_s(120), T + 20)


class Property(unittest.TestCase):
    def test_it_runs_back_only_with_a_negative_step(self):
        for seed in range(50):
            random.seed(seed)
            clock = Clock()
            uptime = told = 0
            chip = T
            for _ in range(200):
                passed = random.randint(0, 30)
                uptime += passed
                chip += passed
                what = random.randint(0, 9)
                step = 0
                if what < 3:
                    chip += random.randint(-3, 3)
                    step = clock.follow(chip if what else None, uptime)
                elif what == 3:
                    chip += random.randint(-100000, 100000)
                    step = clock.set(chip, uptime)
                now = clock.now_s(uptime)
                if step is None:
                    self.assertEqual(told, UNKNOWN, seed)
                elif step >= 0:
                    self.assertTrue(now >= told, seed)
                if step:
                    # What was told moved by the time passed and by the step, and by nothing
                    # else; `told` may have waited for a drift of two seconds at most.
                    self.assertTrue(step <= now - told <= step + passed, seed)
                elif step == 0 and clock.valid:
                    self.assertTrue(now - told <= passed + 2, seed)
                told = now
