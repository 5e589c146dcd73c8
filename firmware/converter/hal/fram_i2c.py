"""FRAM on I2C with 16-bit addresses (MB85RC256V, FM24CL64B): written as fast as the bus is."""

from micropython import const

_CHUNK = const(64)  # a longer transfer could meet the bus driver's own time limit


class FramI2c:
    def __init__(self, i2c, device=0x50):
        # i2c: a machine.I2C, which other chips may share.
        self._i2c = i2c
        self._device = device

    def read(self, address, buf):
        self._transfer(self._i2c.readfrom_mem_into, address, buf)

    def write(self, address, buf):
        self._transfer(self._i2c.writeto_mem, address, buf)

    def _transfer(self, transfer, address, buf):
        view = memoryview(buf)
        try:
            for at in range(0, len(buf), _CHUNK):
                part = view[at : at + _CHUNK]
                transfer(self._device, address + at, part, addrsize=16)
        except OSError:
            raise OSError(5)  # ports name a missing acknowledge differently
