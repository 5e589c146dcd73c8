"""DL/T 645-2007 link layer (clause 5.2): `68 A0..A5 68 C L DATA CS 16`, data bytes sent +33H."""

from micropython import const

from converter.codec.checksum import closed, sum8

# Control codes (clause 7): requests as they come, answers with D7 set, errors with D6 and D7.
BROADCAST_TIME = const(0x08)
READ_DATA = const(0x11)
READ_MORE = const(0x12)
READ_ADDRESS = const(0x13)
WRITE_DATA = const(0x14)
WRITE_ADDRESS = const(0x15)
FREEZE = const(0x16)
SET_BAUD = const(0x17)
SET_PASSWORD = const(0x18)
CLEAR_EVENTS = const(0x1B)
ANSWER = const(0x80)
ERROR = const(0xC0)
MORE = const(0x20)  # in an answer: follow-up frames can be asked for

ADDRESS = const(1)  # offset of A0, low byte first
CONTROL = const(8)
LENGTH = const(9)
DATA = const(10)

MAX_DATA = const(200)  # L when reading (clause 5.2.4)
FRAME = const(12)  # bytes of a frame besides its data
MAX_FRAME = const(212)
PREAMBLE = b"\xfe\xfe\xfe\xfe"  # clause 5.3.1
WILDCARD = const(0xAA)  # an address byte that stands for any (clause 5.2.2)
BROADCAST = const(0x99)


def frame_len(buf, start, end):
    # For the framer. Allocates nothing.
    if buf[start] != 0x68:
        return -1
    n = end - start
    if n > 7 and buf[start + 7] != 0x68:
        return -1
    if n <= 9:
        return 0
    if buf[start + 9] > MAX_DATA:
        return -1
    return closed(buf, start, end, 12 + buf[start + 9])


def plain(frame):
    # The data as they were before 33H was added.
    return bytes([(b - 0x33) & 0xFF for b in frame[DATA : DATA + frame[LENGTH]]])


def close(out, start, control, length, shift=0x33):
    # Finish a frame in out whose address (start+1..) and plain data (start+10..) are in place:
    # header, shift added to the data, checksum, end. Returns the index past the frame.
    out[start] = out[start + 7] = 0x68
    out[start + CONTROL] = control
    out[start + LENGTH] = length
    end = start + DATA + length
    for i in range(start + DATA, end):
        out[i] = (out[i] + shift) & 0xFF
    out[end] = sum8(out, start, end)
    out[end + 1] = 0x16
    return end + 2
