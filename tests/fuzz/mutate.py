"""Damage as lines and devices do it, and worse: from a sound frame to something else."""

from __future__ import annotations

from random import Random

_TELLING = bytes((0x68, 0x16, 0xFE, 0xAA, 0x00, 0xFF, 0x99))  # bytes that mean something


def noise(draw: Random, most: int) -> bytes:
    data = bytearray(draw.randbytes(draw.randint(0, most)))
    for _ in range(draw.randint(0, 3)):
        data.insert(draw.randint(0, len(data)), draw.choice(_TELLING))
    return bytes(data)


def flip_bits(draw: Random, frame: bytearray) -> None:
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8))):
        if frame:
            frame[draw.randrange(len(frame))] ^= 1 << draw.randrange(8)


def set_byte(draw: Random, frame: bytearray) -> None:
    if frame:
        frame[draw.randrange(len(frame))] = draw.choice(_TELLING)


def insert_byte(draw: Random, frame: bytearray) -> None:
    frame.insert(draw.randint(0, len(frame)), draw.choice(_TELLING))


def lose_bytes(draw: Random, frame: bytearray) -> None:
    at = draw.randint(0, len(frame))
    del frame[at : at + draw.choice((1, 1, 2, 5, 20))]


def truncate(draw: Random, frame: bytearray) -> None:
    at = draw.randint(0, len(frame))
    if draw.random() < 0.5:
        del frame[at:]
    else:
        del frame[:at]


def repeat_part(draw: Random, frame: bytearray) -> None:
    start = draw.randint(0, len(frame))
    end = draw.randint(start, len(frame))
    at = draw.randint(0, len(frame))
    frame[at:at] = frame[start:end]


def replace_by_random(draw: Random, frame: bytearray) -> None:
    frame[:] = draw.randbytes(len(frame))


ALONE = (
    flip_bits,
    flip_bits,
    set_byte,
    insert_byte,
    lose_bytes,
    truncate,
    repeat_part,
    replace_by_random,
)
