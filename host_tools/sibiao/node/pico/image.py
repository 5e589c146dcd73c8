"""The MicroPython image: UF2 blocks, checked, laid out as they stand in flash."""

import struct
from pathlib import Path

from sibiao.errors import SibiaoError

FLASH_SIZE = 2 * 1024 * 1024
_FLASH_START = 0x1000_0000
_BLOCK = 512
_MAGIC = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_NOT_MAIN_FLASH = 1
_FAMILY_PRESENT = 0x2000
_FAMILY_RP2040 = 0xE48BFF56


def read_uf2(path: Path) -> bytes:
    """Flash contents from address 0 on; what the image does not name is erased (0xFF)."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise SibiaoError(f"the Pico image {path} cannot be read: {error.strerror}") from None
    if not data or len(data) % _BLOCK:
        raise SibiaoError(f"the Pico image {path} is truncated: get it again")
    flash = bytearray(b"\xff" * FLASH_SIZE)
    seen = set()
    expected = 0
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        magic0, magic1, flags, address, size, number, count, family = struct.unpack_from(
            "<8I", block
        )
        (end,) = struct.unpack_from("<I", block, _BLOCK - 4)
        if (magic0, magic1) != _MAGIC or end != _MAGIC_END:
            raise SibiaoError(f"{path} is not a UF2 image: give MicroPython's for the Pico")
        if flags & _NOT_MAIN_FLASH:
            continue
        if flags & _FAMILY_PRESENT and family != _FAMILY_RP2040:
            raise SibiaoError(f"{path} is for another chip: give the image for RPI_PICO (RP2040)")
        offset = address - _FLASH_START
        if size > 476 or not 0 <= offset <= FLASH_SIZE - size:
            raise SibiaoError(f"{path} does not fit the Pico's 2 MB of flash")
        flash[offset : offset + size] = block[32 : 32 + size]
        seen.add(number)
        expected = count
    if len(seen) != expected:
        raise SibiaoError(
            f"the Pico image {path} is truncated: {len(seen)} of {expected} blocks; get it again"
        )
    return bytes(flash)
