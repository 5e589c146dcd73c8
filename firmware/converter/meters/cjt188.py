"""CJ/T 188 meters: how a profile's layout turns a 901F answer into quantities."""

from micropython import const

from converter.codec import bcd
from converter.link import cjt188
from converter.model import unit

_UNIT_FOLLOWS = const(0xFF)

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
    # Publish every field of a sound answer. layout: rows of five bytes, quantity, offset in the
    # body, bytes, exponent + 16, base unit (FF: a unit byte follows the field). Returns False,
    # publishing nothing, when the body is shorter than the layout needs.
    body = cjt188.DATA_BODY
    end = cjt188.DATA + frame[cjt188.LENGTH]
    for row in range(0, len(layout), 5):
        need = layout[row + 1] + layout[row + 2] + (layout[row + 4] == _UNIT_FOLLOWS)
        if body + need > end:
            return False
    for row in range(0, len(layout), 5):
        at = body + layout[row + 1]
        n = layout[row + 2]
        exponent = layout[row + 3] - 16
        base = layout[row + 4]
        value = bcd.decode(frame, at, n)
        if base == _UNIT_FOLLOWS:
            k = _find_unit(frame[at + n])
            if k < 0:
                value, base = None, unit.NONE
            else:
                base = _UNITS[k + 1]
                exponent += _UNITS[k + 2] - 16
        point.publish(layout[row], value, exponent, base, time_s)
    return True


def _find_unit(code):
    for k in range(0, len(_UNITS), 3):
        if _UNITS[k] == code:
            return k
    return -1
