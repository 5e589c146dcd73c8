"""Frames of links that are not read here, told by their own checksum so that nobody takes them for
damaged frames of ours."""

from __future__ import annotations

from converter.link import csg

_CSG_DI3 = 0xEA


def name_of(data: bytes) -> str | None:
    """What the frame in these bytes is instead, if it is sound."""
    at = data.find(0x68)
    while at >= 0:
        if _is_dlt698(data[at:]):
            return "DL/T 698.45"
        if _is_csg(data[at:]):
            return "the CSG collector interface"
        at = data.find(0x68, at + 1)
    return None


def _is_dlt698(here: bytes) -> bool:
    # 68 L(2) C SA CA HCS(2) APDU FCS(2) 16: L counts all but the two marks, FCS what L counts.
    end = (int.from_bytes(here[1:3], "little") & 0x3FFF) + 1
    if end < 11 or end >= len(here) or here[end] != 0x16:
        return False
    return _crc_x25(here[1 : end - 2]) == int.from_bytes(here[end - 2 : end], "little")


def _is_csg(here: bytes) -> bool:
    n = csg.frame_len(here, 0, len(here)) if len(here) > csg.CONTROL else 0
    # All their identifiers begin with EA: a sum of eight bits alone would prove little.
    return n > 0 and here[csg.body(here) + csg.DATA - 1] == _CSG_DI3


def _crc_x25(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc ^ 0xFFFF
