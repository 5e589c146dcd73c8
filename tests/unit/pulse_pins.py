"""An input with its pin, its ADC, its counter and its time in the test's hands."""

import sys

CUT, OPEN, MIDDLE, CLOSED, SHORT = 1000, 12000, 25000, 40000, 60000
THRESHOLDS = (4000, 20000, 30000, 55000)

_NAMES = ("level_filter", "pulse_irq", "pulse_poll", "pulse_namur", "pulse_counter", "pair_irq")


class Clock:
    """ticks that wrap at 2**30, as MicroPython's do."""

    def __init__(self, now):
        self.now = now

    def ticks_us(self):
        return self.now & 0x3FFFFFFF

    def ticks_diff(self, a, b):
        return ((a - b + 0x20000000) & 0x3FFFFFFF) - 0x20000000


class Machine:
    """What a `machine` module has of inputs, for one test."""

    def __init__(self, clock):
        self.clock = clock
        self.pins = {}
        self.counters = {}
        self.irq_enabled = True
        bench = self

        class Pin:
            IN, PULL_UP, IRQ_FALLING, IRQ_RISING = 0, 1, 4, 8

            def __init__(self, gpio, mode, pull=None):
                self.gpio, self.pull = gpio, pull
                bench.pins[gpio].append(self)
                self.handler = None

            def __call__(self):
                return bench.level(self.gpio)

            def irq(self, handler, trigger=0, hard=False):
                assert handler is None or (hard and trigger == 12)
                self.handler = handler

        class ADC:
            def __init__(self, gpio):
                self._gpio = gpio

            def read_u16(self):
                return bench.levels[self._gpio]

        class Counter:
            """As MicroPython's on an ESP32: one object a unit, a filter in cycles of 80 MHz."""

            RISING, FALLING, UP, DOWN = 1, 2, 1, 2

            def __init__(self, unit, src, edge=RISING, direction=UP, filter_ns=0):
                if unit > 3:
                    raise ValueError("no such unit")
                assert unit not in bench.counters, "restarts a unit that counts"
                bench.counters[unit] = self
                self._unit, self.gpio = unit, src.gpio
                self._counts = 1 if edge == self.RISING else 0
                self._cycles = min(max(0, filter_ns * 80 // 1000), 1023)
                self._raw = self._filtered = src()
                self._since = clock.now
                self._value = 0

            def edge(self):
                self._settle()
                self._raw = bench.level(self.gpio)
                self._since = clock.now

            def _settle(self):
                held_us = clock.now - self._since
                if self._raw != self._filtered and held_us * 80 >= self._cycles:
                    self._filtered = self._raw
                    self._value += self._raw == self._counts

            def value(self, new=None):
                self._settle()
                value = self._value
                if new is not None:
                    self._value = new
                return value

            def deinit(self):
                del bench.counters[self._unit]

        self.Pin, self.ADC, self.Counter = Pin, ADC, Counter
        self.levels = {}

    def level(self, gpio):
        return self.levels[gpio]

    def wire(self, gpio, level):
        self.levels[gpio] = level
        self.pins.setdefault(gpio, [])

    def edge(self, gpio, level):
        # Also where the level is as before: two edges served by one interrupt.
        self.levels[gpio] = level
        for pin in self.pins[gpio]:
            if pin.handler:
                pin.handler(pin)
        for counter in self.counters.values():
            if counter.gpio == gpio:
                counter.edge()

    def disable_irq(self):
        assert self.irq_enabled
        self.irq_enabled = False

    def enable_irq(self, state):
        self.irq_enabled = True


def load(name, machine):
    """A fresh firmware module of hal on this machine and its clock."""
    real = sys.modules.get("machine")
    sys.modules["machine"] = machine
    try:
        for other in _NAMES:
            sys.modules.pop("converter.hal." + other, None)
        module = __import__("converter.hal." + name, None, None, ("PulseSource",))
        for other in _NAMES:
            loaded = sys.modules.get("converter.hal." + other)
            if loaded and hasattr(loaded, "time"):
                loaded.time = machine.clock
        return module
    finally:
        if real is None:
            del sys.modules["machine"]
        else:
            sys.modules["machine"] = real


class Input:
    """A pulse source of some kind on GPIO 15, and what happens at its pin."""

    def __init__(self, kind, active, min_active_us, min_idle_us, start_us=0, closed=False):
        self._idle = 1 - active
        self._active = active
        self._clock = Clock(start_us)
        self.machine = Machine(self._clock)
        self._namur = kind == "namur"
        self._put(active if closed else self._idle)
        module = load("pulse_" + kind, self.machine)
        how = THRESHOLDS if self._namur else True
        self.source = module.PulseSource(15, active, how, min_active_us, min_idle_us)
        self._samples = hasattr(self.source, "sample")

    def _put(self, level):
        self.machine.wire(15, (OPEN, CLOSED)[level] if self._namur else level)

    def hold(self, after_us):
        self._clock.now += after_us
        if self._samples:
            self.source.sample()

    def close(self, after_us):
        self._change(self._active, after_us)

    def open(self, after_us):
        self._change(self._idle, after_us)

    def _change(self, level, after_us):
        # The level, `after_us` after what was before. Sampled right before it and right after.
        self.hold(after_us)
        if self._samples:
            self._put(level)
            self.source.sample()
        else:
            self.machine.edge(15, level)

    def take(self):
        return self.source.take()

    def level(self):
        return self.source.level()
