"""PLLs and the peripheral clock: what the UARTs really run at follows from the registers."""

from rp2040py.peripherals.peripheral import BasePeripheral

_CRYSTAL_HZ = 12_000_000
_RING_OSCILLATOR_HZ = 6_500_000
_CS, _PWR, _FBDIV, _PRIM = 0x0, 0x4, 0x8, 0xC
_LOCK = 1 << 31
_POWERED_DOWN = 0x2D
_RESET_VALUES = {_CS: 0x1, _PWR: _POWERED_DOWN, _FBDIV: 0, _PRIM: 0x77000}


class Pll(BasePeripheral):
    """One of the chip's two PLLs. It locks at once; RP2040 datasheet, section 2.18."""

    def __init__(self, mcu, name: str):
        super().__init__(mcu, name)
        self._registers = dict(_RESET_VALUES)

    def reset(self) -> None:
        self._registers = dict(_RESET_VALUES)

    @property
    def hz(self) -> int:
        registers = self._registers
        divide_by = (registers[_PRIM] >> 16 & 7) * (registers[_PRIM] >> 12 & 7)
        reference = registers[_CS] & 0x3F
        if registers[_PWR] & 0x21 or not divide_by or not reference:
            return 0
        return _CRYSTAL_HZ // reference * (registers[_FBDIV] & 0xFFF) // divide_by

    def read_uint32(self, offset: int) -> int:
        value = self._registers.get(offset)
        if value is None:
            return super().read_uint32(offset)
        return value | _LOCK if offset == _CS and self.hz else value

    def write_uint32(self, offset: int, value: int) -> None:
        if offset in self._registers:
            self._registers[offset] = value & 0x7FFF_FFFF
        else:
            super().write_uint32(offset, value)


def system_hz(mcu, pll_sys: Pll, pll_usb: Pll) -> int:
    """clk_sys, from the multiplexers as the firmware set them; datasheet 2.15.7."""
    clocks = mcu.clocks
    if not clocks.sys_ctrl & 1:
        return _CRYSTAL_HZ
    sources = {0: pll_sys.hz, 1: pll_usb.hz, 2: _RING_OSCILLATOR_HZ, 3: _CRYSTAL_HZ}
    source_hz = sources.get(clocks.sys_ctrl >> 5 & 7, 0)
    return source_hz * 256 // (clocks.sys_div or 256)


def peripheral_hz(mcu, pll_sys: Pll, pll_usb: Pll) -> int:
    """clk_peri, likewise."""
    clocks = mcu.clocks
    if not clocks.peri_ctrl & 1 << 11:
        return 0
    source = clocks.peri_ctrl >> 5 & 7
    if source == 0:
        return system_hz(mcu, pll_sys, pll_usb)
    return {1: pll_sys.hz, 2: pll_usb.hz, 3: _RING_OSCILLATOR_HZ, 4: _CRYSTAL_HZ}.get(source, 0)
