"""A pulse generator on an emulated Pico, its wires pulled up and watched."""

import functools

from generator import lines
from generator.pins import FIRST_CHANNEL
from sibiao.lab.generator.board import generator_files
from sibiao.node.pico import EmulatedPico

from tests.node.pico_board import MS, S, image

_CLOSED = "LOW"
_CYCLE_US = 256 * 125  # the PIO's own count, in 1/256 of a system clock


@functools.cache
def booted():
    pico = EmulatedPico(image(), generator_files())
    for channel in range(4):
        pico.set_pin(FIRST_CHANNEL + channel, 1)
    pico.boot()
    pico.run(200 * MS)
    return pico


class OnPico:
    """`edges`: (microsecond, channel, level of the wire). `far`: told of each edge."""

    def __init__(self, far=lambda at_us, channel, level: None):
        self.pico = booted()
        self.edges = []
        self._far = far
        self._number = 0
        for channel in range(4):
            pin = self.pico.chip.mcu.gpio[FIRST_CHANNEL + channel]
            pin.add_listener(functools.partial(self._changed, channel))

    def _changed(self, channel, now, before):
        level = int(now.name != _CLOSED)
        at_us = self.pico.chip.pios[0].cycle_fp / _CYCLE_US
        self.edges.append((at_us, channel, level))
        self._far(at_us, channel, level)
        # The pull-up, or the contact to ground, shows on the pin itself.
        pin = FIRST_CHANNEL + channel
        self.pico.clock.call_later(0, lambda: self.pico.set_pin(pin, level))

    def ask(self, text, limit_ns=S):
        self._number += 1
        number = str(self._number)
        self.pico.console_read()
        self.pico.console_write(lines.framed(f"{number} {text}".encode()))
        heard = bytearray()

        def answered():
            heard.extend(self.pico.console_read())
            return b"\n" in heard

        assert self.pico.run_until(answered, limit_ns), f"no answer to {text!r}: {bytes(heard)}"
        said = lines.said(heard.partition(b"\n")[0]).decode()
        assert said.startswith(number + " "), said
        return said.removeprefix(number + " ")
