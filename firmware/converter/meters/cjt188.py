"""CJ/T 188 meters: how a profile's layout turns an answer into quantities.

A layout is rows of five bytes. A field: quantity, offset in the body, bytes and how they stand
(below), exponent + 16, base unit (FF: a unit byte stands beside the field). A first row with
quantity 0 is the dialect: what to subtract from each byte, absent patterns, bytes of the body
(0: at least what the fields need), base unit of a zero with unit byte 00 (a new meter's).
"""

from micropython import const

from converter.link import cjt188
from converter.model import unit

UNIT_BESIDE = const(0xFF)

# With the number of bytes in a field's row.
BYTES = const(0x0F)
UNIT_FIRST = const(0x10)
HIGH_FIRST = const(0x20)
BINARY = const(0x40)
CLOCK = const(0x80)  # 7 BCD bytes CC YY MM DD hh mm ss, as a number of 14 digits

# Patterns that say "not available" (BCD that is none, such as FF, always does).
ABSENT_99 = const(1)
ABSENT_00 = const(2)
ABSENT_FF = const(4)  # of binary fields

# Unit code -> base unit and decimal exponent + 16 (CJ/T 188-2004 table of units; protocols vary
# only in which of them they use). Codes that a vendor explained differently are left out: an
# unknown unit is unknown, not a guess.
_UNITS = bytes(
    (0x01, unit.J, 16)
    + (0x02, unit.WH, 16)
    + (0x05, unit.WH, 19)
    + (0x08, unit.WH, 22)
    + (0x0A, unit.WH, 24)
    + (0x0B, unit.J, 19)
    + (0x0E, unit.J, 22)
    + (0x11, unit.J, 25)
    + (0x13, unit.J, 27)
    + (0x14, unit.W, 16)
    + (0x17, unit.W, 19)
    + (0x1A, unit.W, 22)
    + (0x29, unit.M3, 13)
    + (0x2C, unit.M3, 16)
    + (0x32, unit.M3_PER_H, 13)
    + (0x35, unit.M3_PER_H, 16)
)


def read_values(layout, frame, point, time_s):
    # Publish every field of a sound answer, in the layout's order. Returns False, publishing
    # nothing, when the body has not the bytes that the layout says.
    body = cjt188.DATA_BODY
    length = frame[cjt188.LENGTH] - 3
    first = shift = absent = zero_base = 0
    if layout[0] == 0:
        first = 5
        shift = layout[1]
        absent = layout[2]
        if layout[3] and layout[3] != length:
            return False
        zero_base = layout[4]
    for row in range(first, len(layout), 5):
        how = layout[row + 2]
        beside = layout[row + 4] == UNIT_BESIDE and not how & UNIT_FIRST
        if layout[row + 1] + (how & BYTES) + beside > length:
            return False
    for row in range(first, len(layout), 5):
        at = body + layout[row + 1]
        how = layout[row + 2]
        exponent = layout[row + 3] - 16
        base = layout[row + 4]
        value = _number(frame, at, how, shift, absent)
        if base == UNIT_BESIDE:
            code = frame[at - 1 if how & UNIT_FIRST else at + (how & BYTES)] - shift & 0xFF
            k = _find_unit(code)
            if k >= 0:
                base = _UNITS[k + 1]
                exponent += _UNITS[k + 2] - 16
            elif code == 0 and value == 0 and zero_base:
                base = zero_base
            else:
                value, base = None, unit.NONE
        point.publish(layout[row], value, exponent, base, time_s)
    return True


def _number(frame, at, how, shift, absent):
    n = how & BYTES
    step = 1
    if not how & HIGH_FIRST:
        at += n - 1
        step = -1
    value = 0
    blank = -1  # the one byte that all are, -2: they differ
    for _ in range(n):
        b = frame[at] - shift & 0xFF
        blank = b if blank == -1 or blank == b else -2
        if how & BINARY:
            value = value << 8 | b
        elif b > 0x99 or b & 0x0F > 9:
            return None
        else:
            value = value * 100 + (b >> 4) * 10 + (b & 0x0F)
        at += step
    if how & CLOCK:
        return value if _is_time(value) else None
    if (
        (blank == 0x99 and absent & ABSENT_99)
        or (blank == 0 and absent & ABSENT_00)
        or (blank == 0xFF and absent & ABSENT_FF)
    ):
        return None
    return value


def _is_time(value):
    # A meter without a clock sends zeros.
    if value % 100 > 59 or value // 100 % 100 > 59 or value // 10000 % 100 > 23:
        return False
    return 1 <= value // 1000000 % 100 <= 31 and 1 <= value // 100000000 % 100 <= 12


def _find_unit(code):
    for k in range(0, len(_UNITS), 3):
        if _UNITS[k] == code:
            return k
    return -1
