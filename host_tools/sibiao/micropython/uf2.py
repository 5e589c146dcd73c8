"""UF2, the container of Pico images: read and checked block by block."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

from sibiao.errors import SibiaoError

_BLOCK_SIZE = 512
_HEADER = struct.Struct("<8I")  # magic 1, magic 2, flags, address, size, number, count, family
_MAGIC_START = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_NOT_MAIN_FLASH = 0x0001
_HAS_FAMILY = 0x2000
_PAYLOAD_SIZE = 256  # one flash page: the boot ROM takes no other

RP2040 = 0xE48BFF56
_ABSOLUTE = 0xE48BFF57
_FAMILIES = {
    RP2040: "RP2040",
    _ABSOLUTE: "RP2xxx absolute",
    0xE48BFF59: "RP2350",
    0xE48BFF5A: "RP2350 RISC-V",
}
_FLASH_START = 0x1000_0000
_FLASH_END = _FLASH_START + 16 * 1024 * 1024  # what an RP2 can address on one chip select
_SECTOR_SIZE = 4096


@dataclass(frozen=True)
class Uf2:
    """A whole image: pages of 256 bytes by flash address."""

    pages: dict[int, bytes]

    @property
    def content(self) -> bytes:
        """All pages in order of address, gaps left out."""
        return b"".join(self.pages[address] for address in sorted(self.pages))

    def flash(self, size: int) -> bytes:
        """A flash of `size` bytes after writing: what the image does not name is erased."""
        content = bytearray(b"\xff" * size)
        for address, page in self.pages.items():
            start = address - _FLASH_START
            if start + len(page) > size:
                raise SibiaoError(f"the Pico image does not fit {size} bytes of flash")
            content[start : start + len(page)] = page
        return bytes(content)


def read_uf2(path: Path, family: int = RP2040) -> Uf2:
    """Read and check an image for a chip. Raises SibiaoError with what is wrong with it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SibiaoError(f"the Pico image {path} cannot be read: {error.strerror}") from error
    try:
        return Uf2(_pages(raw, family))
    except _Flaw as error:
        raise SibiaoError(
            f"{path} is no good image for the Pico: {error}. "
            "Copy or download it again, or build one with `sibiao micropython image --build`."
        ) from error


class _Flaw(Exception):
    pass


def _pages(raw: bytes, family: int) -> dict[int, bytes]:
    if not raw:
        raise _Flaw("it is empty")
    if len(raw) < _BLOCK_SIZE or _HEADER.unpack_from(raw)[:2] != _MAGIC_START:
        raise _Flaw("it is not a UF2 file (the first block has no UF2 mark)")
    if _goes_before(raw):
        raw = raw[_BLOCK_SIZE:]
    count = _HEADER.unpack_from(raw)[6]
    if len(raw) != count * _BLOCK_SIZE:
        is_what = "truncated" if len(raw) < count * _BLOCK_SIZE else "too long"
        raise _Flaw(f"it is {is_what}: {len(raw)} bytes of {count * _BLOCK_SIZE}")
    pages: dict[int, bytes] = {}
    for number in range(count):
        block = raw[number * _BLOCK_SIZE : (number + 1) * _BLOCK_SIZE]
        page = _page(block, number, count, family)
        if page is None:
            continue
        address, content = page
        if address in pages:
            raise _Flaw(f"block {number} writes flash address {address:#010x} again")
        pages[address] = content
    _check_coverage(pages)
    return pages


def _goes_before(raw: bytes) -> bool:
    """RP2350 datasheet, erratum E10: a block of its own, part of no image, stands first."""
    return (
        len(raw) > _BLOCK_SIZE
        and _HEADER.unpack_from(raw)[7] == _ABSOLUTE
        and _HEADER.unpack_from(raw, _BLOCK_SIZE)[5] == 0
    )


def _page(block: bytes, number: int, count: int, wanted: int) -> tuple[int, bytes] | None:
    *magic, flags, address, size, own_number, own_count, family = _HEADER.unpack_from(block)
    (end,) = struct.unpack_from("<I", block, _BLOCK_SIZE - 4)
    if tuple(magic) != _MAGIC_START or end != _MAGIC_END:
        raise _Flaw(f"block {number} of {count} has no UF2 mark")
    if (own_number, own_count) != (number, count):
        raise _Flaw(
            f"block {number} of {count} is missing (number {own_number} of {own_count} is there)"
        )
    if flags & _NOT_MAIN_FLASH:
        return None
    if not flags & _HAS_FAMILY or family != wanted:
        name = _FAMILIES.get(family, "unknown") if flags & _HAS_FAMILY else "none named"
        ours = _FAMILIES.get(wanted, f"{wanted:#010x}")
        raise _Flaw(f"it is for another chip (family {family:#010x}, {name}; {ours} wanted)")
    if size != _PAYLOAD_SIZE or address % _PAYLOAD_SIZE:
        raise _Flaw(f"block {number} is no flash page ({size} bytes at {address:#010x})")
    if not _FLASH_START <= address < _FLASH_END:
        raise _Flaw(f"block {number} goes to {address:#010x}, outside the flash")
    return address, block[_HEADER.size : _HEADER.size + size]


def _check_coverage(pages: dict[int, bytes]) -> None:
    """The boot ROM starts at the first page, and a sector is erased whole: no hole inside one."""
    if _FLASH_START not in pages:
        raise _Flaw(f"nothing in it goes to the start of the flash, {_FLASH_START:#010x}")
    addresses = sorted(pages)
    for before, address in itertools.pairwise(addresses):
        if address != before + _PAYLOAD_SIZE and address % _SECTOR_SIZE:
            raise _Flaw(f"it has a hole at {before + _PAYLOAD_SIZE:#010x}")
