"""One truth table of the pulse filter for every kind of source that needs no real hardware."""

import unittest

from pulse_pins import Input


class Table:
    """A level counts as reached when it has held for its minimum; reaching the active level is
    one pulse. `self.active_us` and `self.idle_us` are the two minima, `long_us` is above both."""

    active_us, idle_us, long_us = 10000, 20000, 50000

    def input(self, active=0, **more):
        return Input(self.kind, active, self.active_us, self.idle_us, **more)

    def test_clean_pulses_both_polarities(self):
        for active in (0, 1):
            i = self.input(active)
            for _ in range(7):
                i.close(self.long_us)
                i.open(self.long_us)
            i.hold(self.long_us)
            self.assertEqual(i.take(), 7)
            self.assertEqual(i.take(), 0)

    def test_short_active_is_not_a_pulse(self):
        for active in (0, 1):
            i = self.input(active)
            i.close(self.long_us)
            i.open(self.active_us - 1)
            i.hold(self.long_us)
            self.assertEqual(i.take(), 0)
            i.close(self.long_us)
            i.open(self.active_us)
            i.hold(self.long_us)
            self.assertEqual(i.take(), 1)

    def test_short_idle_does_not_split_a_pulse(self):
        for active in (0, 1):
            i = self.input(active)
            i.close(self.long_us)
            i.open(self.long_us)
            i.close(self.idle_us - 1)
            i.open(self.long_us)
            i.hold(self.long_us)
            self.assertEqual(i.take(), 1)
            i.close(0)
            i.open(self.long_us)
            i.close(self.idle_us)
            i.open(self.long_us)
            self.assertEqual(i.take(), 2)

    def test_bounce_at_both_edges(self):
        i = self.input()
        unit = self.active_us // 10
        for _ in range(20):
            i.close(self.long_us)
            for us in (3, 2, 1, 4):
                i.open(us * unit)
                i.close(us * unit)
            i.open(self.long_us)
            for us in (1, 5, 2, 3):
                i.close(us * unit)
                i.open(us * unit)
        i.hold(self.long_us)
        self.assertEqual(i.take(), 20)

    def test_a_train_of_glitches_counts_nothing(self):
        for closed in (False, True):
            i = self.input(closed=closed)
            for _ in range(100):
                i.close(self.idle_us // 3)
                i.open(self.active_us // 3)
            self.assertEqual(i.take(), 0)

    def test_contact_that_stays_closed_counts_once(self):
        i = self.input()
        i.close(self.long_us)
        total = 0
        for _ in range(100):
            i.hold(1000000)
            total += i.take()
        self.assertEqual(total, 1)
        i.open(1)
        i.hold(self.long_us)
        self.assertEqual(i.take(), 0)

    def test_closed_contact_is_counted_while_closed(self):
        i = self.input()
        i.close(self.long_us)
        i.hold(self.active_us - 1)
        self.assertEqual(i.take(), 0)
        i.hold(1)
        self.assertEqual(i.take(), 1)

    def test_contact_found_closed_is_no_pulse(self):
        for active in (0, 1):
            i = self.input(active, closed=True)
            i.hold(self.long_us)
            self.assertEqual(i.take(), 0)
            i.open(self.long_us)
            i.close(self.idle_us - 1)  # never open, for the filter
            i.hold(self.long_us)
            self.assertEqual(i.take(), 0)
            i.open(self.long_us)
            i.close(self.long_us)
            i.hold(self.long_us)
            self.assertEqual(i.take(), 1)

    def test_first_pulse_after_a_long_pause(self):
        i = self.input()
        for _ in range(36000):
            i.hold(100000)
            self.assertEqual(i.take(), 0)
        i.close(0)
        i.open(self.active_us)
        i.hold(self.long_us)
        self.assertEqual(i.take(), 1)

    def test_ticks_wrap(self):
        i = self.input(start_us=0x3FFFFFFF - self.active_us // 2)
        i.close(1)
        i.open(self.active_us)
        i.hold(self.long_us)
        self.assertEqual(i.take(), 1)

    def test_level_is_the_contact_s_not_the_filter_s(self):
        for active in (0, 1):
            i = self.input(active)
            self.assertEqual(i.level(), 0)
            i.close(self.long_us)
            self.assertEqual(i.level(), 1)
            i.open(1)
            self.assertEqual(i.level(), 0)


class Irq(Table, unittest.TestCase):
    kind = "irq"

    def test_merged_edges_are_bounce(self):
        # Two edges served by one interrupt: the level reads as before.
        i = self.input()
        i.close(self.long_us)
        i.close(5000)
        i.hold(5000)
        self.assertEqual(i.take(), 0)  # the width starts anew
        i.hold(5000)
        self.assertEqual(i.take(), 1)


class Poll(Table, unittest.TestCase):
    kind = "poll"

    def test_sampled_every_5_ms(self):
        # Pulses of 30 ms and their bounce, as the samples happen to fall.
        for phase_us in range(0, 5000, 700):
            i = self.input()
            changes = []
            at = 3000 + phase_us
            for _ in range(10):
                for after, closed in ((0, 1), (1000, 0), (500, 1), (30000, 0), (800, 1), (700, 0)):
                    at += after
                    changes.append((at, closed))
                at += 40000
            for now in range(0, at + 50000, 5000):
                while changes and changes[0][0] <= now:
                    i.machine.wire(15, 1 - changes.pop(0)[1])
                i.hold(5000)
            self.assertEqual(i.take(), 10)


class Namur(Table, unittest.TestCase):
    kind = "namur"


class Counter(Table, unittest.TestCase):
    kind = "counter"
    active_us = idle_us = 12
    long_us = 50
