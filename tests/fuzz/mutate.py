"""Sound frames spoilt in the ways a line spoils them, and some it never would."""

import random


def mutated(rng: random.Random, corpus: tuple[bytes, ...]) -> bytes:
    """One spoilt frame (now and then a sound one), with or without company."""
    data = bytearray(rng.choice(corpus))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        data = bytearray(rng.choice(_WAYS)(rng, data, corpus))
    return bytes(data[:600])


def _flip(rng, data, _):
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _set(rng, data, _):
    if data:
        data[rng.randrange(len(data))] = rng.choice((0x00, 0x16, 0x33, 0x68, 0xAA, 0xFE, 0xFF))
    return data


def _cut(rng, data, _):
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.5 else data[at:]


def _insert(rng, data, _):
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.randrange(1, 20)) + data[at:]


def _double(rng, data, _):
    return data + data


def _splice(rng, data, corpus):
    other = rng.choice(corpus)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


def _noise_around(rng, data, _):
    return rng.randbytes(rng.randrange(30)) + data + rng.randbytes(rng.randrange(30))


def _inside_a_header(rng, data, _):
    return b"\x68" + rng.randbytes(6) + b"\x68" + rng.randbytes(2) + data


def _mend_sum(rng, data, _):
    # A checksum that is right for wrong bytes gets past the framer, to what stands behind it.
    at = data.find(b"\x68")
    if at >= 0 and len(data) - at > 12:
        data[-2] = sum(data[at:-2]) & 0xFF
        data[-1] = 0x16
    return data


_WAYS = (_flip, _set, _cut, _insert, _double, _splice, _noise_around, _inside_a_header, _mend_sum)
