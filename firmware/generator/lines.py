"""Lines between host and generator, for both ends: `~`, what is said, a space, its CRC-32 in eight
hexadecimal digits, a line feed. What stands before the `~` is not ours: a prompt, a half line.
"""

import binascii

from micropython import const

# The longest: a block of words in base64 with what stands around it.
LONGEST = const(1440)
_BEGIN = b"~"
_CRC = const(9)  # a space and eight digits


def framed(said):
    """The line that says it. Neither `~` nor a line feed may be in it."""
    return _BEGIN + said + _crc(said) + b"\n"


def said(line):
    """What a line says; None where it is none, or not as it was sent."""
    line = bytes(line).rstrip()
    begin = line.rfind(_BEGIN)
    body, crc = line[begin + 1 : -_CRC], line[-_CRC:]
    if begin < 0 or len(line) - begin <= _CRC or crc != _crc(body):
        return None
    return body


def _crc(said):
    return (" %08x" % binascii.crc32(said)).encode()
