"""The generator's pins, as docs/bench-hardware.md has them wired."""

from micropython import const

FIRST_CHANNEL = const(2)  # and its neighbours
RELAY = const(6)  # high: the module's supply is cut
INPUTS = (10, 11)
LED = const(25)
