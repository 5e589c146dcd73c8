"""Puts the generator's parts together and answers the host's lines on the USB console."""

import binascii
import select
import sys

import machine
from micropython import const

from generator import lines, pins
from generator.desk import Desk
from generator.edges import EdgeCounter
from generator.player import Player
from generator.words import CHANNELS

_FIRST_WIRE_MACHINE = const(4)  # PIO 1
_FIRST_INPUT_MACHINE = const(1)
_LOOK_MS = const(1)
_BETWEEN_STEPS = const(64)  # characters
_LINE_FEED = b"\n"


def run():
    player = Player(pins.FIRST_CHANNEL)
    relay = machine.Pin(pins.RELAY, machine.Pin.OUT, value=0)
    led = machine.Pin(pins.LED, machine.Pin.OUT, value=0)
    wires, inputs = [], []
    for n in range(CHANNELS):
        wires.append(EdgeCounter(_FIRST_WIRE_MACHINE + n, pins.FIRST_CHANNEL + n, False))
    for n, gpio in enumerate(pins.INPUTS):
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
    readinto = sys.stdin.buffer.readinto
    write = sys.stdout.write
    char = bytearray(1)
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
            readinto(char)
            if char != _LINE_FEED:
                if n < lines.LONGEST:
                    line[n] = char[0]
                    n += 1
                continue
            if n:
                write(lines.framed(desk.handle(lines.said(memoryview(line)[:n]))))
            n = 0
