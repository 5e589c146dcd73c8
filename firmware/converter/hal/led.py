"""The status LED: which state the node is in, readable from across the room."""

import asyncio

import machine

# Pairs of milliseconds, on and off, played again and again.
RUNNING = (50, 1950)  # one blink: counting, nobody has asked yet
BOUND = (1000, 1000)  # slow and even: the uplink is being read
METER_SILENT = (50, 200, 50, 1700)  # two blinks: a meter on the bus does not answer
FAULT = (100, 100)  # fast: something needs a person


class Led:
    def __init__(self, gpio):
        self._pin = machine.Pin(gpio, machine.Pin.OUT, value=0)

    async def play(self, pattern):
        # The pattern, once through.
        level = 1
        for span_ms in pattern:
            self._pin.value(level)
            level ^= 1
            await asyncio.sleep_ms(span_ms)
