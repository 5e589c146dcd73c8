"""What stands before the records of an M-Bus telegram: which structure it has, and its header."""

from micropython import const

from converter.link import mbus

# What a telegram is.
OTHER = const(0)  # no structure that we read
VARIABLE = const(1)
FIXED = const(2)
ENCRYPTED = const(3)
ALARM = const(4)
APPLICATION_ERROR = const(5)
SHORT = const(6)  # ends within its header
COMMAND = const(7)  # records that a master sends

# Encryption modes of EN 13757-7 that hide the records. Other values of the signature's mode bits
# are signatures of old meters, whose records are plain.
_MODES = b"\x02\x03\x04\x05\x07\x08\x09\x0a\x0d"
_DECRYPTED = const(0x2F)  # twice at the start of what has been decrypted

LONG_HEADER = const(12)
SHORT_HEADER = const(4)


def header_len(ci):
    # Bytes between the CI field and the records: ID 4, manufacturer 2, version, medium, then
    # access number, status, signature 2. -1 when the CI is none of a variable structure.
    if ci == 0x72 or ci == 0x76:
        return LONG_HEADER
    if ci == 0x7A:
        return SHORT_HEADER
    return 0 if ci == 0x78 else -1


def status(frame):
    # The status byte of its header, or None where it has none. That of the fixed structure has
    # other bits.
    n = header_len(frame[mbus.CI])
    return frame[mbus.DATA + n - 3] if n > 0 else None


def is_msb_first(ci):
    # Mode 2: of 72, 73 and of 51, 52 the codes with bit 2 set.
    return ci in (0x76, 0x77, 0x55, 0x56)


def mode(frame):
    # The encryption mode; 0 when the records are plain. For telegrams with a signature.
    end = mbus.DATA + header_len(frame[mbus.CI])
    first, second = (end - 1, end - 2) if is_msb_first(frame[mbus.CI]) else (end - 2, end - 1)
    code = frame[second] & 0x1F
    if code not in _MODES:
        return 0
    if code < 8 and not frame[first] & (0xF0 if code > 4 else 0xFF):
        return 0  # nothing encrypted in it
    if frame[end] == frame[end + 1] == _DECRYPTED:
        return 0
    return code


def begin(records, frame):
    # What the frame (control or long) is; `records` stand before the first record if it has any.
    ci = frame[mbus.CI]
    end = len(frame) - 2
    n = header_len(ci)
    if n >= 0:
        if frame[mbus.CONTROL] & mbus.FROM_MASTER:
            return OTHER
        if mbus.DATA + n > end:
            return SHORT
        if n and mbus.DATA + n + 2 <= end and mode(frame):
            return ENCRYPTED
        records.start(frame, mbus.DATA + n, end, is_msb_first(ci))
        return VARIABLE
    if ci == 0x73 or ci == 0x77:
        return FIXED if end - mbus.DATA == 16 else SHORT
    if ci == 0x51 or ci == 0x55:
        records.start(frame, mbus.DATA, end, is_msb_first(ci), True)
        return COMMAND
    if ci == mbus.CI_ERROR:
        return APPLICATION_ERROR
    return ALARM if ci == 0x71 else OTHER
