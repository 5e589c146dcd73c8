"""machine.Pin: a pad with its own driver and pull, and what the bench drives from outside."""

import sys

import _bench
import _pose
import machine
import micropython


class _Pad:
    """One GPIO; every Pin object of the same number shares it, as on the chip."""

    def __init__(self, gpio):
        self.gpio = gpio
        self.mode = Pin.IN
        self.pull = None
        self.latch = 0
        self.driven = None
        self.counter = None
        self.pin = None
        self.handler = None
        self.trigger = 0
        self.hard = False
        self.flags = 0

    def level(self):
        if self.mode == Pin.OUT or (self.mode == Pin.OPEN_DRAIN and not self.latch):
            return self.latch
        if self.driven is not None:
            return self.driven
        return 1 if self.pull == Pin.PULL_UP else 0

    def changed(self, before):
        level = self.level()
        if level == before:
            return
        edge = Pin.IRQ_RISING if level else Pin.IRQ_FALLING
        if self.trigger & edge:
            self.flags = edge
            self.call()

    def call(self):
        if self.handler is None:
            return
        if not self.hard:
            try:
                self.handler(self.pin)
            except Exception as error:
                sys.print_exception(error)
            return
        failure = None
        micropython.heap_lock()
        try:
            self.handler(self.pin)
        except Exception as error:
            failure = error
        finally:
            micropython.heap_unlock()
        if failure:
            self.handler = None
            print("Uncaught exception in IRQ callback handler")
            sys.print_exception(failure)

    def report(self):
        pull = 0 if self.pull is None else self.pull
        _bench.send(_bench.PIN, self.gpio, self.mode | self.latch << 2 | pull << 3)


class _Irq:
    """What Pin.irq() gives back."""

    def __init__(self, pad):
        self._pad = pad

    def __call__(self):
        self._pad.call()

    def flags(self):
        return self._pad.flags

    def trigger(self, new=None):
        old = self._pad.trigger
        if new is not None:
            self._pad.trigger = new
        return old


class Pin(machine.PinBase):
    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2
    IRQ_FALLING = 4
    IRQ_RISING = 8

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self._pad = _pad(id)
        if mode != -1 or pull != -1 or value is not None:
            self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        pad = self._pad
        before = pad.level()
        if value is not None:
            pad.latch = 1 if value else 0
        if mode in (Pin.OUT, Pin.OPEN_DRAIN) and pad.gpio in _pose.input_only:
            raise ValueError("pin can only be input")
        if mode != -1:
            if mode not in (Pin.IN, Pin.OUT, Pin.OPEN_DRAIN):
                raise ValueError("Pin(%d): mode %r is not simulated" % (pad.gpio, mode))
            pad.mode = mode
        if pull != -1:
            pad.pull = None if pad.gpio in _pose.no_pull else pull
        pad.report()
        pad.changed(before)

    def value(self, x=None):
        pad = self._pad
        if x is None:
            _bench.pump()
            return pad.level()
        before = pad.level()
        latch = 1 if x else 0
        if latch != pad.latch:
            pad.latch = latch
            pad.report()
            pad.changed(before)

    __call__ = value

    def on(self):
        self.value(1)

    high = on

    def off(self):
        self.value(0)

    low = off

    def toggle(self):
        self.value(not self._pad.latch)

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING, **more):
        hard = more.pop("hard", False) if _pose.hard_interrupts else False
        if more:
            raise TypeError("extra keyword arguments given")
        if trigger & ~(Pin.IRQ_FALLING | Pin.IRQ_RISING):
            raise ValueError("Pin(%d): level interrupts are not simulated" % self._pad.gpio)
        pad = self._pad
        pad.pin = self
        pad.handler = handler
        pad.trigger = trigger if handler else 0
        pad.hard = hard
        return _Irq(pad)

    def __repr__(self):
        mode = ("IN", "OUT", "OPEN_DRAIN")[self._pad.mode]
        return "Pin(GPIO%d, mode=%s)" % (self._pad.gpio, mode)


_pads = {}


def number(id):
    return _pad(id).gpio


def _pad(id):
    if isinstance(id, Pin):
        return id._pad
    gpio = id
    if isinstance(id, str):
        gpio = _pose.number(id)
        if gpio < 0 and id.startswith("GP"):
            gpio = int(id[4 if id.startswith("GPIO") else 2 :])
    if gpio not in _pose.gpios:
        raise ValueError("unknown pin %r" % (id,))
    if gpio not in _pads:
        _pads[gpio] = _Pad(gpio)
    return _pads[gpio]


def _on_edge(gpio, level):
    pad = _pad(gpio)
    before = pad.level()
    pad.driven = level
    if pad.counter and level != before:
        pad.counter.edge(level)
    pad.changed(before)


_bench.handlers[_bench.EDGE] = _on_edge
