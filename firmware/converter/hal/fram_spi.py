"""FRAM on SPI with 16-bit addresses (MB85RS256B, FM25CL64B): written as fast as the bus is."""

from micropython import const

_WRITE = const(0x02)
_READ = const(0x03)
_WRITE_DISABLE = const(0x04)
_READ_STATUS = const(0x05)
_WRITE_ENABLE = const(0x06)
_ENABLED = const(0x02)  # in the status: writes are enabled


class FramSpi:
    def __init__(self, spi, select):
        # spi: a machine.SPI, mode 0. select: an output pin, low selects the chip.
        self._spi = spi
        self._select = select
        self._command = bytearray(3)
        self._short = memoryview(self._command)
        self._status = bytearray(1)
        select(1)

    def read(self, address, buf):
        self._enable()
        self._send(_WRITE_DISABLE)
        self._expect(0)
        self._transfer(_READ, address, self._spi.readinto, buf)

    def write(self, address, buf):
        self._enable()
        self._transfer(_WRITE, address, self._spi.write, buf)
        self._expect(0)  # the chip ends each write by disabling the next

    def _enable(self):
        self._send(_WRITE_ENABLE)
        self._expect(_ENABLED)

    def _expect(self, enabled):
        # SPI acknowledges nothing: that the chip is there shows in a status bit that follows us.
        self._command[0] = _READ_STATUS
        self._select(0)
        self._spi.write(self._short[:1])
        self._spi.readinto(self._status)
        self._select(1)
        if self._status[0] & _ENABLED != enabled:
            raise OSError(5)

    def _send(self, command):
        self._command[0] = command
        self._select(0)
        self._spi.write(self._short[:1])
        self._select(1)

    def _transfer(self, command, address, transfer, buf):
        self._command[0] = command
        self._command[1] = address >> 8
        self._command[2] = address & 0xFF
        self._select(0)
        self._spi.write(self._command)
        transfer(buf)
        self._select(1)
