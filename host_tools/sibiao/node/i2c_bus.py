"""An I2C bus of a node seen from its chips: who is addressed, and what passes."""

from __future__ import annotations

from sibiao.errors import SibiaoError
from sibiao.node.contract import I2cDevice


class I2cBus:
    """Passes what a master sends to the chip it addressed. With nobody there nothing is
    acknowledged, and what is read is the pulled-up line."""

    def __init__(self):
        self._devices: dict[int, I2cDevice] = {}
        self._addressed: I2cDevice | None = None

    def attach(self, address: int, device: I2cDevice | None) -> None:
        if not 0x08 <= address <= 0x77:
            raise SibiaoError(f"I2C address {address:#x} is not one of a chip: 0x08 to 0x77 are.")
        if device is None:
            self._devices.pop(address, None)
        else:
            self._devices[address] = device

    def start(self, address: int, read: bool) -> bool:
        device = self._devices.get(address)
        if self._addressed not in (None, device):
            # A repeated start for another chip ends this one's part.
            self._addressed.stop()
        self._addressed = device if device is not None and device.start(read) else None
        return self._addressed is not None

    def write(self, byte: int) -> bool:
        return self._addressed is not None and self._addressed.write(byte)

    def read(self) -> int:
        return 0xFF if self._addressed is None else self._addressed.read()

    def stop(self) -> None:
        if self._addressed is not None:
            self._addressed.stop()
            self._addressed = None

    def break_off(self) -> None:
        """The master has gone in the middle: no stop comes."""
        self._addressed = None


def raw_from_millivolts(millivolts: int) -> int:
    """What a 12-bit converter with a reference of 3.3 V makes of a voltage."""
    return min(max(millivolts, 0) * 4096 // 3300, 4095)
