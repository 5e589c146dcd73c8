"""Pulse input by `machine.Counter`, the counting peripheral of an ESP32 (MicroPython above 1.25).

The peripheral has one filter for both levels, 12.7 us wide at most: it suits meters with
electronic outputs. For contacts that bounce, take another kind.
"""

import machine
from micropython import const

_MOST_US = const(12)  # 1023 cycles of 80 MHz; wider ones would be cut short silently

_used = set()  # counting units: asking for one that counts already would restart it


def available():
    return hasattr(machine, "Counter")


class PulseSource:
    def __init__(self, gpio, active, pull_up, min_active_us, min_idle_us):
        # active: the level of a pulse, 0 or 1. ValueError for widths that the filter has not.
        if min_active_us != min_idle_us or min_active_us > _MOST_US:
            raise ValueError("widths %d and %d us" % (min_active_us, min_idle_us))
        pull = machine.Pin.PULL_UP if pull_up else None
        self._pin = machine.Pin(gpio, machine.Pin.IN, pull)
        self._active = active
        unit = 0
        while unit in _used:
            unit += 1
        self._counter = machine.Counter(
            unit,
            self._pin,
            edge=machine.Counter.RISING if active else machine.Counter.FALLING,
            filter_ns=min_active_us * 1000,
        )
        self._unit = unit
        _used.add(unit)

    def take(self):
        # Pulses since the last call. Set to 0 by the same read, the count stays a small number.
        return self._counter.value(0)

    def level(self):
        return int(self._pin() == self._active)

    def close(self):
        self._counter.deinit()
        _used.discard(self._unit)
