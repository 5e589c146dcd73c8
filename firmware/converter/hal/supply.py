"""The input that says the supply is failing, heard by interrupt: every millisecond counts."""

import asyncio

import machine

from converter.hal import chip


class Supply:
    def __init__(self, gpio, active, pull_up):
        pull = machine.Pin.PULL_UP if pull_up else None
        self._pin = machine.Pin(gpio, machine.Pin.IN, pull)
        self._active = active
        self._fell = asyncio.ThreadSafeFlag()
        self._handler = self._edge  # bound once: binding allocates, an interrupt may not
        edge = machine.Pin.IRQ_RISING if active else machine.Pin.IRQ_FALLING
        if chip.HARD_INTERRUPTS:
            self._pin.irq(self._handler, edge, hard=True)
        else:
            self._pin.irq(self._handler, edge)

    def _edge(self, pin):
        self._fell.set()

    def failing(self):
        return self._pin() == self._active

    async def wait(self, limit_ms):
        # Whether it began to fail within the limit.
        try:
            await asyncio.wait_for_ms(self._fell.wait(), limit_ms)
            return True
        except asyncio.TimeoutError:
            return False
