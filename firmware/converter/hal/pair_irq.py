"""Two contacts that tell the direction, followed by pin interrupts (quadrature).

Bounce nets to zero, so there is no filter. A step that comes while interrupts are off is made up
for unless the other contact moves too: such a jump counts nothing.
"""

import machine

from converter.hal import chip

_STEPS = (0, 1, -1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 0, -1, 1, 0)  # [4 * levels before + levels now]


class PairSource:
    def __init__(self, gpio_a, gpio_b, active, pull_up):
        pull = machine.Pin.PULL_UP if pull_up else None
        self._a = machine.Pin(gpio_a, machine.Pin.IN, pull)
        self._b = machine.Pin(gpio_b, machine.Pin.IN, pull)
        self._inverted = 0 if active else 3
        self._before = self._a() | self._b() << 1  # turning both levels over turns no direction
        self._count = 0  # since take(); stays far below 2**30
        self._handler = self._edge  # bound once: binding allocates, an interrupt may not
        edges = machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING
        for pin in (self._a, self._b):
            if chip.HARD_INTERRUPTS:
                pin.irq(self._handler, edges, hard=True)
            else:
                pin.irq(self._handler, edges)

    def _edge(self, pin):
        # Interrupt: no allocation, small numbers only.
        now = self._a() | self._b() << 1
        self._count += _STEPS[self._before << 2 | now]
        self._before = now

    def take(self):
        # Quarter steps since the last call, forward (A leads B) less reverse.
        state = machine.disable_irq()
        n = self._count
        self._count = 0
        machine.enable_irq(state)
        return n

    def level(self):
        # Bit 0: A, bit 1: B; 1 where the contact is active.
        return (self._a() | self._b() << 1) ^ self._inverted

    def close(self):
        self._a.irq(None)
        self._b.irq(None)
