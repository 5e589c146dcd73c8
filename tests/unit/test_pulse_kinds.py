"""What only one kind of source has: a cable's faults, a peripheral's limits, two contacts."""

import unittest

from pulse_pins import CLOSED, CUT, MIDDLE, OPEN, SHORT, THRESHOLDS, Clock, Machine, load


class Namur(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(Clock(0))

    def start(self, value, active=1):
        self.machine.wire(26, value)
        module = load("pulse_namur", self.machine)
        self.source = module.PulseSource(26, active, THRESHOLDS, 10000, 20000)

    def put(self, value, for_us=50000):
        self.machine.wire(26, value)
        for _ in range(for_us // 5000 + 1):
            self.source.sample()
            self.machine.clock.now += 5000

    def test_faults_are_told_and_no_pulses(self):
        self.start(OPEN)
        for value, fault in ((CUT, 1), (OPEN, 0), (SHORT, 2), (OPEN, 0), (CUT, 1), (SHORT, 2)):
            self.put(value)
            self.assertEqual(self.source.fault(), fault)
            self.assertEqual(self.source.take(), 0)

    def test_after_a_fault_the_level_is_taken_over(self):
        for fault in (CUT, SHORT):
            self.start(OPEN)
            self.put(fault)
            self.put(CLOSED)
            self.assertEqual((self.source.take(), self.source.fault()), (0, 0))
            self.put(OPEN)
            self.put(CLOSED)
            self.assertEqual(self.source.take(), 1)

    def test_a_short_fault_is_bounce(self):
        self.start(OPEN)
        self.put(CLOSED)
        self.put(SHORT, 10000)
        self.put(CLOSED)
        self.assertEqual((self.source.take(), self.source.fault()), (1, 0))
        self.put(OPEN)
        self.put(CUT, 15000)
        self.put(CLOSED)
        self.assertEqual(self.source.take(), 1)

    def test_a_shift_inside_the_hysteresis_counts_nothing(self):
        for level in (OPEN, CLOSED):
            self.start(level)
            for _ in range(20):
                self.put(MIDDLE)
                self.put(level)
            self.assertEqual((self.source.take(), self.source.fault()), (0, 0))

    def test_slow_edges_count_once(self):
        self.start(OPEN)
        for _ in range(3):
            for value in range(OPEN, CLOSED, 1000):
                self.put(value, 5000)
            self.put(CLOSED)
            for value in range(CLOSED, OPEN, -1000):
                self.put(value, 5000)
            self.put(OPEN)
        self.assertEqual(self.source.take(), 3)

    def test_found_between_the_levels_it_counts_from_the_next_idle(self):
        for active, idle_value, active_value in ((1, OPEN, CLOSED), (0, CLOSED, OPEN)):
            self.start(MIDDLE, active)
            self.put(active_value)
            self.assertEqual(self.source.take(), 0)
            self.put(idle_value)
            self.put(active_value)
            self.assertEqual(self.source.take(), 1)

    def test_found_cut(self):
        self.start(CUT)
        self.assertEqual((self.source.fault(), self.source.level()), (1, 0))
        self.put(CLOSED)
        self.assertEqual((self.source.fault(), self.source.level()), (0, 1))
        self.assertEqual(self.source.take(), 0)


class Counter(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(Clock(0))
        for gpio in range(6):
            self.machine.wire(gpio, 1)
        self.module = load("pulse_counter", self.machine)

    def source(self, gpio, active_us=12, idle_us=12):
        return self.module.PulseSource(gpio, 0, True, active_us, idle_us)

    def test_an_image_without_it_says_so(self):
        self.assertTrue(self.module.available())
        self.machine.Counter = None
        del self.machine.Counter
        self.assertFalse(self.module.available())

    def test_widths_that_the_hardware_has_not(self):
        for widths in ((13, 13), (10000, 10000), (5, 6), (0, 12)):
            with self.assertRaises(ValueError):
                self.source(0, *widths)
        self.source(0, 0, 0)

    def test_each_input_has_its_unit_and_gives_it_back(self):
        sources = [self.source(gpio) for gpio in range(4)]
        with self.assertRaises(ValueError):
            self.source(4)
        for gpio in (2, 2, 3):
            self.machine.clock.now += 50
            self.machine.edge(gpio, 0)
            self.machine.clock.now += 50
            self.machine.edge(gpio, 1)
        self.assertEqual([s.take() for s in sources], [0, 0, 2, 1])
        sources[1].close()
        self.source(4)
        self.assertEqual(self.machine.counters[1].gpio, 4)


FORWARD = ((1, 0), (1, 1), (0, 1), (0, 0))
REVERSE = ((0, 1), (1, 1), (1, 0), (0, 0))


class PairIrq(unittest.TestCase):
    def start(self, active, a=0, b=0):
        self.machine = Machine(Clock(0))
        self.active = active
        self.machine.wire(12, a ^ 1 - active)
        self.machine.wire(13, b ^ 1 - active)
        self.pair = load("pair_irq", self.machine).PairSource(12, 13, active, True)

    def put(self, a, b):
        for gpio, contact in ((12, a), (13, b)):
            level = contact ^ 1 - self.active
            if level != self.machine.levels[gpio]:
                self.machine.edge(gpio, level)

    def test_forward_and_reverse(self):
        for active in (0, 1):
            self.start(active)
            for _ in range(5):
                for contacts in FORWARD:
                    self.put(*contacts)
            self.assertEqual((self.pair.take(), self.pair.take()), (20, 0))
            for _ in range(3):
                for contacts in REVERSE:
                    self.put(*contacts)
            self.assertEqual(self.pair.take(), -12)

    def test_level_is_of_the_contacts(self):
        for active in (0, 1):
            for a in (0, 1):
                for b in (0, 1):
                    self.start(active, a, b)
                    self.assertEqual(self.pair.level(), a | b << 1)
                    self.assertEqual(self.pair.take(), 0)

    def test_bounce_and_oscillation_net_to_zero(self):
        self.start(0)
        for contacts in FORWARD:
            for _ in range(9):
                self.put(*contacts)
                self.put(*FORWARD[FORWARD.index(contacts) - 1])
            self.put(*contacts)
        self.assertEqual(self.pair.take(), 4)

    def test_a_jump_of_both_counts_nothing(self):
        self.start(1)
        self.machine.wire(12, 1)  # unseen
        self.machine.edge(13, 1)
        self.assertEqual(self.pair.take(), 0)
        self.put(0, 1)
        self.assertEqual(self.pair.take(), 1)
