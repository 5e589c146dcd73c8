# ruff: noqa: F821  (the names of PIO instructions come from rp2.asm_pio)
"""Pulse input counted and filtered by a PIO state machine: nothing is lost while flash is written,
memory is collected or interrupts are off.

Widths are counted in loops of 1/31 of the idle width. A level that held its minimum is reached,
but right after a bounce half a loop more may be asked for; one that is a loop too short is not,
though take() may cut half a loop off. The pin is looked at once a loop: a shorter glitch within a
level is not seen. The idle width is 1 us to 1 s. Eight inputs, four beside the pairs of
`pair_pio`, which fill PIO 0 and come first; three of the four programs (two polarities, fast and
slow) fit into one PIO.
"""

import machine
import rp2
from micropython import const

_IDLE_LOOPS = const(31)  # the most that `set` can load
_LATE = const(3)  # cycles from a level's begin to its first loop, at most
_FIRST_COUNT = const(0x3FFFFFFF)  # counts down: small numbers for a thousand million pulses

_PULL = const(0x80A0)
_OSR_TO_X = const(0xA027)
_X_TO_FIFO = const(0x4020)  # in_(x, 32), which pushes by itself: one instruction, one instant

_programs = {}  # (active, delay) -> program: state machines share it


def _program(active, delay):
    # X: the count, downwards. OSR: the active width in loops. A loop is two delayed instructions.
    @rp2.asm_pio(autopush=True)
    def contact():
        label("idle")
        wait(active, pin, 0)
        mov(y, osr)
        label("closing")
        if active:
            jmp(pin, "closed")[delay]
            jmp("idle")
            label("closed")
        else:
            jmp(pin, "idle")[delay]
        jmp(y_dec, "closing")[delay]
        jmp(x_dec, "active")
        label("active")
        wait(1 - active, pin, 0)
        set(y, _IDLE_LOOPS)
        label("opening")
        if active:
            jmp(pin, "active")[delay]
        else:
            jmp(pin, "open")[delay]
            jmp("active")
            label("open")
        jmp(y_dec, "opening")[delay]

    return contact


class PulseSource:
    def __init__(self, gpio, active, pull_up, min_active_us, min_idle_us):
        # active: the level of a pulse, 0 or 1. ValueError where the idle width is too long or no
        # state machine is free.
        pull = machine.Pin.PULL_UP if pull_up else None
        self._pin = machine.Pin(gpio, machine.Pin.IN, pull)
        self._active = active
        system_hz = machine.freq()
        delay = 31
        idle_us = max(1, min_idle_us)
        while True:
            loop = 2 + 2 * delay
            hz = -(-(_IDLE_LOOPS * loop + _LATE) * 1000000 // idle_us)
            if hz <= system_hz:
                break
            delay = 0
        if hz * 65536 < system_hz:
            raise ValueError("idle width %d us" % idle_us)
        self._start(active, delay, hz)
        cycles = min_active_us * system_hz * 256 // (system_hz * 256 // hz * 1000000)
        put = self._machine.put
        run = self._machine.exec
        put(_FIRST_COUNT)
        run(_PULL)
        run(_OSR_TO_X)
        put(max(0, cycles - _LATE) // loop)
        run(_PULL)
        if self._pin() == active:
            run(self._offset + 5 + active)  # jmp: a contact found closed is no pulse
        self._last = _FIRST_COUNT
        self._machine.active(1)

    def _start(self, active, delay, hz):
        # Finds a free state machine whose block has or takes the program.
        key = (active, delay)
        if key not in _programs:
            _programs[key] = _program(active, delay)
        program = _programs[key]
        for number in (4, 5, 6, 7, 0, 1, 2, 3):
            try:
                found = rp2.StateMachine(number)
                if found.active():
                    continue
                found.init(program, hz, in_base=self._pin, jmp_pin=self._pin)
            except (OSError, ValueError):  # no room for the program; taken by the radio
                continue
            self._machine = found
            self._offset = program[1 + number // 4]
            return
        raise ValueError("no state machine")

    def take(self):
        # Pulses since the last call.
        self._machine.exec(_X_TO_FIFO)
        count = self._machine.get()
        n = self._last - count
        self._last = count
        return n if n >= 0 else n + (1 << 32)

    def level(self):
        return int(self._pin() == self._active)

    def close(self):
        self._machine.active(0)
