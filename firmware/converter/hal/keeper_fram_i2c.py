"""The record keeper on an I2C FRAM, as a board names it."""

import machine
from micropython import const

from converter.hal import chip
from converter.hal.fram_i2c import FramI2c
from converter.hal.fram_keeper import FramKeeper

_FREQ_HZ = const(400000)


class Keeper(FramKeeper):
    def __init__(self, i2c, scl, sda, address, size, directory, far):
        if chip.PINS_FIXED:
            bus = machine.I2C(i2c, freq=_FREQ_HZ)
        else:
            bus = machine.I2C(i2c, scl=machine.Pin(scl), sda=machine.Pin(sda), freq=_FREQ_HZ)
        super().__init__(FramI2c(bus, address), size, directory, far)
