"""The pulse source's filter, edge by edge, with pins and time in the test's hands."""

import sys
import unittest


class _Pin:
    IN = OUT = PULL_UP = IRQ_FALLING = IRQ_RISING = 1

    def __init__(self, gpio, mode, pull=None):
        self.level = _level

    def __call__(self):
        return self.level

    def irq(self, handler, trigger=0, hard=False):
        self.handler = handler


class _Machine:
    Pin = _Pin

    def disable_irq(self):
        return 0

    def enable_irq(self, state):
        pass


_level = 1


class _Time:
    """ticks that wrap at 2**30, as MicroPython's do."""

    def __init__(self):
        self.now = 0

    def ticks_us(self):
        return self.now & 0x3FFFFFFF

    def ticks_diff(self, a, b):
        return ((a - b + 0x20000000) & 0x3FFFFFFF) - 0x20000000


def source(active, min_active_us=10000, min_idle_us=20000, start=0):
    # A PulseSource on a pin and a clock of ours, and go(level, after_us), which makes an edge.
    global _level
    _level = 1 - active
    sys.modules["machine"] = _Machine()
    sys.modules.pop("converter.hal.pulse_irq", None)
    module = __import__("converter.hal.pulse_irq", None, None, ("PulseSource",))
    clock = _Time()
    clock.now = start
    module.time = clock
    s = module.PulseSource(15, active, True, min_active_us, min_idle_us)

    def go(level, after_us):
        clock.now += after_us
        if level is not None:
            s._pin.level = level
            s._pin.handler(s._pin)

    return s, go


class Filter(unittest.TestCase):
    def setUp(self):
        self._machine = sys.modules.get("machine")

    def tearDown(self):
        if self._machine is None:
            sys.modules.pop("machine", None)
        else:
            sys.modules["machine"] = self._machine

    def test_clean_pulses_both_polarities(self):
        for active in (0, 1):
            s, go = source(active)
            for _ in range(7):
                go(active, 50000)
                go(1 - active, 50000)
            go(None, 50000)
            self.assertEqual(s.take(), 7)
            self.assertEqual(s.take(), 0)

    def test_short_active_is_not_a_pulse(self):
        s, go = source(0)
        go(0, 50000)
        go(1, 9999)
        go(None, 50000)
        self.assertEqual(s.take(), 0)
        go(0, 50000)
        go(1, 10000)
        go(None, 50000)
        self.assertEqual(s.take(), 1)

    def test_short_idle_does_not_split_a_pulse(self):
        s, go = source(0)
        go(0, 50000)
        go(1, 30000)
        go(0, 19999)  # the contact opened for less than the idle width
        go(1, 30000)
        go(None, 50000)
        self.assertEqual(s.take(), 1)
        go(0, 0)
        go(1, 30000)
        go(0, 20000)
        go(1, 30000)
        go(None, 50000)
        self.assertEqual(s.take(), 2)

    def test_bounce_at_both_edges(self):
        s, go = source(0)
        for _ in range(20):
            for level, after in ((0, 40000), (1, 300), (0, 200), (1, 100), (0, 400)):
                go(level, after)
            for level, after in ((1, 30000), (0, 100), (1, 500), (0, 200), (1, 300)):
                go(level, after)
        go(None, 40000)
        self.assertEqual(s.take(), 20)

    def test_contact_that_stays_closed_counts_once(self):
        s, go = source(0)
        go(0, 50000)
        for _ in range(100):
            go(None, 1000000)
            s.take()
        self.assertEqual(s.take(), 0)
        go(1, 1)
        go(None, 50000)
        self.assertEqual(s.take(), 0)

    def test_closed_contact_is_counted_while_closed(self):
        s, go = source(0)
        go(0, 50000)
        go(None, 9999)
        self.assertEqual(s.take(), 0)
        go(None, 1)
        self.assertEqual(s.take(), 1)

    def test_ticks_wrap(self):
        s, go = source(0, start=0x3FFFFFFF - 5000)
        go(0, 1000)
        go(1, 10000)
        go(None, 20000)
        self.assertEqual(s.take(), 1)

    def test_merged_edges_are_bounce(self):
        # Two edges served by one interrupt: the level reads as before.
        s, go = source(0)
        go(0, 50000)
        go(0, 5000)
        go(None, 5000)
        self.assertEqual(s.take(), 0)  # the width starts anew
        go(None, 5000)
        self.assertEqual(s.take(), 1)
