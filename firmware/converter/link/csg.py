"""The CSG interface of 2016 between a collector and its communication module: `68 L(2) C [A(12)]
AFN SEQ DI(4) DATA CS 16`, low bytes first, L of the whole frame, checksum from C on.
"""

import struct

from micropython import const

from converter.codec.checksum import closed, sum8

CONTROL = const(3)
DATA = const(6)  # behind `body`
MAX_FRAME = const(256)  # ours: a whole DL/T 645 frame fits

# C. The rest is reserved.
_UP = const(0x80)  # direction: an answer's is the other
STARTED = const(0x40)  # a request or a report: somebody waits for an answer
_ADDRESSED = const(0x20)  # two addresses of 6 bytes follow: source, destination
_RESERVED = const(0x1F)

_ADDRESS = const(4)
_ADDRESS_BYTES = const(6)
_SHORTEST = const(12)  # without addresses and data


def frame_len(buf, start, end):
    # For the framer. Allocates nothing.
    if buf[start] != 0x68:
        return -1
    if end - start <= CONTROL:
        return 0
    control = buf[start + CONTROL]
    shortest = _SHORTEST + (2 * _ADDRESS_BYTES if control & _ADDRESSED else 0)
    total = buf[start + 1] | buf[start + 2] << 8
    if control & _RESERVED or not shortest <= total <= MAX_FRAME:
        return -1
    n = closed(buf, start + CONTROL, end, total - CONTROL)
    return n + CONTROL if n > 0 else n


def body(frame):
    # Where AFN stands; SEQ, DI and, at DATA, the data follow.
    return _ADDRESS + (2 * _ADDRESS_BYTES if frame[CONTROL] & _ADDRESSED else 0)


def answer(asked, out, afn, di, length):
    # Finish the answer to the frame asked: in out its data (from body(asked) + DATA on) are in
    # place. Its addresses change places. Returns the index past the frame.
    at = body(asked)
    if at > _ADDRESS:
        middle = _ADDRESS + _ADDRESS_BYTES
        out[_ADDRESS:middle] = asked[middle:at]
        out[middle:at] = asked[_ADDRESS:middle]
    return close(out, (asked[CONTROL] ^ _UP) & ~STARTED, at, afn, asked[at + 1], di, length)


def close(out, control, at, afn, seq, di, length):
    # Finish a frame whose addresses and data are in place. at: of AFN.
    end = at + DATA + length
    struct.pack_into("<BHB", out, 0, 0x68, end + 2, control)
    struct.pack_into("<BBI", out, at, afn, seq, di)
    out[end] = sum8(out, CONTROL, end)
    out[end + 1] = 0x16
    return end + 2
