"""Puts the generator's parts together and answers the host's lines on the USB console."""

import binascii
import select
import sys

import machine
from micropython import const

from generator import lines
from generator.desk import Desk
from generator.edges import EdgeCounter
from generator.player import Player
from generator.words import CHANNELS

# docs/bench-hardware.md has them wired.
_FIRST_CHANNEL = const(2)
_RELAY = const(6)  # high: the module's supply is cut
_INPUTS = (10, 11)
_LED = const(25)

_FIRST_WIRE_MACHINE = const(4)  # PIO 1
_FIRST_INPUT_MACHINE = const(1)
_LOOK_MS = const(1)
_BETWEEN_STEPS = const(64)  # characters


def run():
    player = Player(_FIRST_CHANNEL)
    relay = machine.Pin(_RELAY, machine.Pin.OUT, value=0)
    led = machine.Pin(_LED, machine.Pin.OUT, value=0)
    wires, inputs = [], []
    for n in range(CHANNELS):
        wires.append(EdgeCounter(_FIRST_WIRE_MACHINE + n, _FIRST_CHANNEL + n, False))
    for n, gpio in enumerate(_INPUTS):
        machine.Pin(gpio, machine.Pin.IN, machine.Pin.PULL_DOWN)
        inputs.append(EdgeCounter(_FIRST_INPUT_MACHINE + n, gpio, True))
    unit = str(binascii.hexlify(machine.unique_id()), "ascii")
    try:
        _serve(Desk(player, wires, inputs, relay, unit), player, led)
    finally:
        player.abort()
        relay(0)
        led(0)


def _serve(desk, player, led):
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    read = sys.stdin.buffer.read
    write = sys.stdout.write
    line = bytearray(lines.LONGEST)
    n = 0
    while True:
        player.step()
        led(player.is_playing)
        wait_ms = _LOOK_MS
        for _ in range(_BETWEEN_STEPS):
            if not poll.poll(wait_ms):
                break
            wait_ms = 0
            char = read(1)[0]
            if char != 10:  # line feed
                if n < lines.LONGEST:
                    line[n] = char
                    n += 1
                continue
            if n:
                write(lines.framed(desk.handle(lines.said(memoryview(line)[:n]))))
            n = 0
