# ruff: noqa: F821  (the names of PIO instructions come from rp2.asm_pio)
"""Counts edges as they are on a wire, by state machines that miss none of 40 ns or more."""

import machine
import rp2
from micropython import const

_ALL_ONES_TO_X = const(0xA02B)
_X_TO_FIFO = const(0x4020)  # in_(x, 32), which pushes by itself
_ALL_ONES = const(0xFFFFFFFF)


@rp2.asm_pio(autopush=True)
def _falling():
    label("count")
    wait(1, pin, 0)
    wait(0, pin, 0)
    jmp(x_dec, "count")


@rp2.asm_pio(autopush=True)
def _rising():
    label("count")
    wait(0, pin, 0)
    wait(1, pin, 0)
    jmp(x_dec, "count")


class EdgeCounter:
    """Falling edges of a contact to ground, or rising ones of an output, on `gpio`."""

    def __init__(self, number, gpio, rising):
        self._pin = machine.Pin(gpio)
        program = _rising if rising else _falling
        self._machine = rp2.StateMachine(number, program, in_base=self._pin)
        self._machine.exec(_ALL_ONES_TO_X)
        self._machine.active(1)
        self._from = 0

    def level(self):
        return self._pin()

    def restart(self):
        self._from += self.count()

    def count(self):
        self._machine.exec(_X_TO_FIFO)
        return _ALL_ONES - self._machine.get() - self._from
