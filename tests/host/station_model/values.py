"""What goes over the line, as the model writes and reads it."""

from datetime import datetime

EPOCH = datetime(2000, 1, 1)
CONVERTER, WATER, HEAT = range(3)
EVERYBODY = bytes((0x99,)) * 6
OTHER, NO_DATA, DENIED, NO_RATE = 1, 2, 4, 8
MOST_WRONG, LOCK_S, WINDOW_S = 5, 3600, 600
OLDEST_S = 6  # a value of the heat meter
ENERGY, POWER, SUPPLY = 2, 3, 5  # of the heat meter, by DI1: the only ones it tells here
KEPT = 30  # freezes of one kind
FRAME_BYTES = 195
RATES = {0x02: 600, 0x04: 1200, 0x08: 2400, 0x10: 4800, 0x20: 9600, 0x40: 19200}
SERIAL = b"SB26000001"


class Error(Exception):
    """An error word, or None for silence."""


def bcd(number, n):
    """Low byte first."""
    return bytes.fromhex(f"{number:0{2 * n}d}")[::-1]


def number(data):
    """None where a digit is none."""
    digits = data[::-1].hex()
    return int(digits) if digits.isdigit() else None


def field(value, n, signed=False):
    if value is None:
        raise Error(NO_DATA)
    top = 10 ** (2 * n) // 10 * 8 if signed else 10 ** (2 * n)
    if (not signed and value < 0) or abs(value) >= top:
        raise Error(OTHER)
    made = bytearray(bcd(abs(value), n))
    made[-1] |= 0x80 if value < 0 else 0
    return bytes(made)


def moment_of(time, date):
    parts = [number(bytes((b,))) for b in time + date]
    if None in parts:
        return None
    second, minute, hour, day, month, year = parts
    try:
        return datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        return None
