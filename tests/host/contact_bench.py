"""A test instrument: the firmware's contact inputs on pins and a clock of ours, fed by a story.

Time jumps from one happening to the next. An interrupt is served some time after its edge, edges
of one pin that come before that merge, and while a story keeps the converter busy it is served
late: the pin is read when it is served, as on the chip.
"""

import importlib
import random
import sys
from heapq import heappop, heappush
from itertools import count

from sibiao.sim.pulse.wiring import FULL_MV, LowPass

US = 1000
MS = 1000 * US
SEC = 1000 * MS
LOOK_NS = 100 * MS  # how often the firmware takes what was counted
SAMPLE_NS = 5 * MS  # and looks at what makes no interrupt
_TICKS = 1 << 30

PINS = {"a": 14, "b": 15, "loop": 12, "cover": 13}


class Board:
    """`machine` and `time` for one module of hal, and the pins that a story drives."""

    def __init__(self, story, served_ns=(10 * US, 60 * US), busy_ns=2 * MS):
        self.now_ns = 0
        self._story = story
        self._served_ns, self._busy_ns = served_ns, busy_ns
        self._rng = random.Random(story.seed)
        self._due = []
        self._order = count()
        self._levels = {}
        self._voltages = {}
        self._pins = {}
        self._pending = set()
        self._to_serve = False
        self._edges = story.edges()
        self._next = next(self._edges)
        self._put_edges()

    # What hal modules see.

    def module(self, name):
        """A fresh copy of a hal module on this board."""
        # What it imports of hal must be fresh too: modules hold on to the `time` they began with.
        hal = [n for n in sys.modules if n.startswith("converter.hal.")]
        before = {n: sys.modules.pop(n, None) for n in ("machine", "time", *hal)}
        sys.modules.update(machine=_Machine(self), time=_Time(self))
        try:
            return importlib.import_module(f"converter.hal.{name}")
        finally:
            for n in [n for n in sys.modules if n.startswith("converter.hal.")]:
                del sys.modules[n]
            del sys.modules["machine"]
            sys.modules.update({n: m for n, m in before.items() if m is not None})

    def level(self, gpio):
        return self._levels[gpio]

    def millivolts(self, gpio):
        return self._voltages[gpio].at(self.now_ns)

    # The story's end of it.

    def play(self, look, sample=None):
        """To the story's end; `look` every 100 ms, `sample` (of a polled source) every 5 ms."""
        self.call_at(LOOK_NS, lambda: self._again(look, LOOK_NS, 30 * MS))
        if sample:
            self.call_at(SAMPLE_NS, lambda: self._again(sample, SAMPLE_NS, MS))
        while True:
            edge_ns = self._next[0] if self._next else self._story.end_ns
            due_ns = self._due[0][0] if self._due else self._story.end_ns
            if min(edge_ns, due_ns) >= self._story.end_ns:
                break
            if edge_ns <= due_ns:
                self.now_ns = edge_ns
                self._put_edges()
            else:
                self.now_ns, _, callback = heappop(self._due)
                callback()
        self.now_ns = self._story.end_ns
        look()

    def call_at(self, at_ns, callback):
        heappush(self._due, (at_ns, next(self._order), callback))

    def _again(self, callback, every_ns, late_ns):
        # A task comes when the others let it.
        callback()
        next_ns = self.now_ns + every_ns + self._rng.randrange(late_ns)
        self.call_at(next_ns, lambda: self._again(callback, every_ns, late_ns))

    def _put_edges(self):
        while self._next and self._next[0] <= self.now_ns:
            _, wire, value = self._next
            gpio = PINS[wire]
            self._put(gpio, value, wire in self._story.wiring.contacts)
            if gpio in self._pins and self._pins[gpio].handler:
                self._pending.add(gpio)
            self._next = next(self._edges, None)
        if self._pending and not self._to_serve:
            self._to_serve = True
            late_ns = self._busy_ns if self._is_busy() else 0
            delay_ns = self._rng.randint(*self._served_ns) + self._rng.randint(0, late_ns)
            self.call_at(self.now_ns + delay_ns, self._serve)

    def _put(self, gpio, value, is_contact):
        if not (is_contact and self._story.wiring.is_analogue):
            self._levels[gpio] = value
        elif gpio in self._voltages:
            self._voltages[gpio].put(self.now_ns, value)
        else:
            self._voltages[gpio] = LowPass(self.now_ns, value)

    def _serve(self):
        self._to_serve = False
        while self._pending:
            gpio = min(self._pending)
            self._pending.discard(gpio)
            self._pins[gpio].handler(self._pins[gpio])

    def _is_busy(self):
        return any(begin <= self.now_ns < end for begin, end in self._story.busy)


class _Machine:
    def __init__(self, board):
        class Pin(_Pin):
            on = board

        class ADC(_ADC):
            on = board

        self.Pin, self.ADC = Pin, ADC

    def disable_irq(self):
        return 0

    def enable_irq(self, state):
        pass


class _Pin:
    IN = PULL_UP = IRQ_FALLING = IRQ_RISING = 1
    on = None

    def __init__(self, gpio, mode=1, pull=None):
        self._gpio = gpio
        self.handler = None
        self.on._pins[gpio] = self

    def __call__(self):
        return self.on.level(self._gpio)

    value = __call__

    def irq(self, handler, trigger=0, hard=False):
        self.handler = handler


class _ADC:
    on = None

    def __init__(self, pin):
        self._gpio = pin._gpio if isinstance(pin, _Pin) else pin

    def read_u16(self):
        return min(65535, self.on.millivolts(self._gpio) * 65535 // FULL_MV)


class _Time:
    def __init__(self, board):
        self._board = board

    def ticks_us(self):
        return self._board.now_ns // US % _TICKS

    def ticks_ms(self):
        return self._board.now_ns // MS % _TICKS

    def ticks_diff(self, a, b):
        return (a - b + _TICKS // 2) % _TICKS - _TICKS // 2

    def ticks_add(self, a, b):
        return (a + b) % _TICKS
