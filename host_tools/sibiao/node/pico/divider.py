"""The chip's hardware divider, which compiled code asks thousands of times a millisecond.

Whole-number division instead of the emulator's floating-point one, and found without walking
through every other register of the block.
"""

from rp2040py.sio import RPSIO

_UDIVIDEND, _UDIVISOR, _SDIVIDEND, _SDIVISOR = 0x60, 0x64, 0x68, 0x6C
_QUOTIENT, _REMAINDER, _CSR = 0x70, 0x74, 0x78
_READY, _READY_DIRTY = 0b01, 0b11


def _signed(value: int) -> int:
    return (value & 0xFFFF_FFFF ^ 0x8000_0000) - 0x8000_0000


class Sio(RPSIO):
    """Single-cycle I/O with a quicker divider; RP2040 datasheet, section 2.3.1.5."""

    def read_uint32(self, offset: int) -> int:
        if offset == _QUOTIENT:
            self.div_csr = _READY
            return self.div_quotient & 0xFFFF_FFFF
        if offset == _REMAINDER:
            return self.div_remainder & 0xFFFF_FFFF
        if offset == _CSR:  # asked before each division
            return self.div_csr
        return super().read_uint32(offset)

    def write_uint32(self, offset: int, value: int) -> None:
        if not _UDIVIDEND <= offset <= _SDIVISOR:
            super().write_uint32(offset, value)
            return
        if offset in (_UDIVIDEND, _SDIVIDEND):
            self.div_dividend = value & 0xFFFF_FFFF
        else:
            self.div_divisor = value & 0xFFFF_FFFF
        dividend, divisor = self.div_dividend, self.div_divisor
        if offset >= _SDIVIDEND:
            dividend, divisor = _signed(dividend), _signed(divisor)
        if divisor:
            quotient = abs(dividend) // abs(divisor)
            self.div_quotient = -quotient if (dividend < 0) != (divisor < 0) else quotient
            self.div_remainder = dividend - self.div_quotient * divisor
        else:
            self.div_quotient = 1 if dividend < 0 else -1
            self.div_remainder = dividend
        self.div_csr = _READY_DIRTY
        self.rp2040.core.cycles += 8
