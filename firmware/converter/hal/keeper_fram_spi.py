"""The record keeper on an SPI FRAM, as a board names it."""

import machine
from micropython import const

from converter.hal import chip
from converter.hal.fram_keeper import FramKeeper
from converter.hal.fram_spi import FramSpi

_BAUD_HZ = const(8000000)


class Keeper(FramKeeper):
    def __init__(self, spi, sck, mosi, miso, cs, size, directory, far):
        pin = machine.Pin
        if chip.PINS_FIXED:
            bus = machine.SPI(spi, baudrate=_BAUD_HZ, polarity=0, phase=0)
        else:
            bus = machine.SPI(
                spi,
                baudrate=_BAUD_HZ,
                polarity=0,
                phase=0,
                sck=pin(sck),
                mosi=pin(mosi),
                miso=pin(miso),
            )
        super().__init__(FramSpi(bus, pin(cs, pin.OUT, value=1)), size, directory, far)
