# ruff: noqa: F821  (the names of PIO instructions come from rp2.asm_pio)
"""Two contacts that tell the direction, followed by a PIO state machine (quadrature).

Nothing is lost while flash is written or interrupts are off, and bounce nets to zero, so there is
no filter. The contacts are on neighbouring pins. The program fills PIO 0 (its jump table stands
at address 0), so pairs are made before any other input that uses PIO 0; up to four share it.
"""

import machine
import rp2
from micropython import const

_FIRST_COUNT = const(1 << 29)  # in the middle of the small numbers
_FIFO = const(4)

_PULL = const(0x80A0)
_OSR_TO_X = const(0xA027)
_PINS_TO_Y = const(0xA040)


@rp2.asm_pio()
def _pair():
    # X: the count. Y: the pins as last seen.
    for step in b"=+-=-==++==-=-+=":  # 4 * levels before + levels now; "=" for an illegal jump
        jmp("same" if step == 61 else "up" if step == 43 else "down")
    label("up")
    mov(x, invert(x))
    jmp(x_dec, "counted")
    label("counted")
    mov(x, invert(x))
    wrap_target()
    label("same")
    mov(isr, x)
    push(noblock)  # empties the ISR
    in_(y, 2)
    mov(y, pins)
    in_(y, 2)
    mov(pc, isr)
    label("down")
    jmp(x_dec, "same")
    wrap()
    for _ in range(6):
        nop()  # a program of 32 instructions begins at 0


class PairSource:
    def __init__(self, gpio_a, gpio_b, active, pull_up):
        if gpio_b - gpio_a not in (1, -1):
            raise ValueError("pair on %d and %d" % (gpio_a, gpio_b))
        pull = machine.Pin.PULL_UP if pull_up else None
        self._a = machine.Pin(gpio_a, machine.Pin.IN, pull)
        self._b = machine.Pin(gpio_b, machine.Pin.IN, pull)
        self._active = active
        self._sign = gpio_b - gpio_a
        for number in range(4):
            found = rp2.StateMachine(number)
            if not found.active():
                break
        else:
            raise ValueError("no state machine")
        found.init(_pair, in_base=self._a if self._sign > 0 else self._b)
        found.put(_FIRST_COUNT)
        found.exec(_PULL)
        found.exec(_OSR_TO_X)
        found.exec(_PINS_TO_Y)
        self._last = _FIRST_COUNT
        self._machine = found
        found.active(1)

    def take(self):
        # Quarter steps since the last call, forward (A leads B) less reverse.
        get = self._machine.get
        for _ in range(_FIFO):
            get()  # from long ago
        count = get()
        n = count - self._last
        self._last = count
        if n > 0x3FFFFFFF:
            n -= 1 << 32
        elif n < -0x3FFFFFFF:
            n += 1 << 32
        return n * self._sign

    def level(self):
        # Bit 0: A, bit 1: B; 1 where the contact is active.
        return int(self._a() == self._active) | int(self._b() == self._active) << 1

    def close(self):
        self._machine.active(0)
