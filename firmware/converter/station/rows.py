"""The rows of data identifiers, ten bytes each, in the order of their numbers.

DI0 DI1 DI2 DI3 as on the wire; then, of a point's current value, quantity, format (bit 7: signed,
low bits: bytes), exponent + 16, base unit; source and flags; and how far DI0 runs: of a value 1
where DI0 + 1 is its time, 2 where blocks hold that time too, and with BACK 1..n, how many freezes
or words back. Where DI2 is a point number, 0 is whoever was addressed and 1.. are the points,
asked under the converter's own address. Of other sources, from the fifth byte on:

VALUE with back 1   the row of the value: when the meter said it, YYMMDDhhmmss
FREEZE              kind (model.freezes), format, exponent + 16, base unit
FREEZE_TIME         kind, bytes, parts of a time
CLOCK, SETTLEMENT   0, bytes, parts of a time: bits from the right ss mm hh WW DD MM YY
TEXT                its place among the texts, bytes
STATE               0, bytes; the word's number is how far DI0 runs
CONSTANT            low byte, bytes, high byte
"""

from micropython import const

ROW = const(10)
SIGNED = const(0x80)
BYTES = const(0x3F)

SOURCES = const(0x0F)
BACK = const(0x10)
ALSO = const(0x20)  # the identifier of the row before, in another unit or for other points
ALONE = const(0x40)  # in no block
BY_POINT = const(0x80)

ALL = const(0xFF)  # DI0, DI1 or DI2 of a block

# Sources.
VALUE = const(0)
FREEZE = const(1)
FREEZE_TIME = const(2)
CLOCK = const(3)
TEXT = const(4)
STATE = const(5)
SETTLEMENT = const(6)
CONSTANT = const(7)
