import unittest

from converter.model import gap

T = 825675630
PER_H = 7200  # two pulses a second


class Bound(unittest.TestCase):
    def test_pulses_in_a_span(self):
        # A pulse at both ends fits: one more than the spans between them.
        self.assertEqual(gap.pulses_in(0, PER_H), 1)
        self.assertEqual(gap.pulses_in(1, PER_H), 3)
        self.assertEqual(gap.pulses_in(3599, 1), 1)
        self.assertEqual(gap.pulses_in(3600, 1), 2)

    def test_since_the_last_sign_of_life(self):
        bound = gap.bound(T + 100, T + 10, T + 90, 10, PER_H)
        self.assertEqual(bound, 10 + 2 * 11 + 1)

    def test_since_the_total_where_that_is_less(self):
        self.assertEqual(gap.bound(T + 100, T + 95, T + 90, 10, PER_H), 2 * 6 + 1)
        self.assertEqual(gap.bound(T + 100, T + 100, T, 10, PER_H), 2 + 1)

    def test_a_total_of_unknown_time(self):
        self.assertEqual(gap.bound(T + 100, 0, T + 90, 10, PER_H), 10 + 23)
        # Committed later than now by its clock, which was set since.
        self.assertEqual(gap.bound(T + 100, T + 101, T + 90, 10, PER_H), 10 + 23)

    def test_never_less_than_the_wheel_could_make(self):
        # Clocks that show whole seconds, a wheel at its highest rate: a pulse each 500 ms.
        for died_ms in range(0, 2000, 100):
            for span_ms in range(0, 4000, 100):
                for phase_ms in range(0, 500, 100):
                    now_ms = died_ms + span_ms
                    missed = 0
                    for at_ms in range(phase_ms, now_ms + 1, 500):
                        missed += at_ms >= died_ms
                    now_s = T + now_ms // 1000
                    alive_s = T + died_ms // 1000
                    for total_s in (0, alive_s):
                        bound = gap.bound(now_s, total_s, alive_s, 0, PER_H)
                        self.assertTrue(missed <= bound, (died_ms, span_ms, phase_ms))

    def test_unknown(self):
        for now, alive in ((0, T), (T, 0), (0, 0), (T - 1, T)):
            self.assertEqual(gap.bound(now, T - 10, alive, 10, PER_H), gap.UNKNOWN)

    def test_as_much_as_fits(self):
        self.assertEqual(gap.bound(3155759999, 0, 1, 10, 10**9), gap.UNKNOWN - 1)


class Sum(unittest.TestCase):
    def test_adds_up(self):
        self.assertEqual(gap.add(0, 5), 5)
        self.assertEqual(gap.add(5, 7), 12)
        self.assertEqual(gap.add(0xFFFFFFF0, 0xFF), gap.UNKNOWN - 1)

    def test_unknown_stays_unknown(self):
        for n in (0, 5, gap.UNKNOWN - 1, gap.UNKNOWN):
            self.assertEqual(gap.add(gap.UNKNOWN, n), gap.UNKNOWN)
            self.assertEqual(gap.add(n, gap.UNKNOWN), gap.UNKNOWN)
