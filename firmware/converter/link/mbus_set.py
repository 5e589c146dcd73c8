"""What an M-Bus master can change in a meter: application reset, baud rate, address, ID, time.

A meter acknowledges each with E5, or, when it cannot, keeps silent or reports an error later.
"""

from micropython import const

from converter.codec import bcd
from converter.link import mbus

_CI_RESET = const(0x50)
_CI_DATA = const(0x51)
# CI B8.. in this order; the acknowledge still comes at the old rate (EN 13757-3 clause 13).
_BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)
_CI_300 = const(0xB8)

MAX_PRIMARY = const(250)


def application_reset(out, control, address, subcode=-1):
    # control: SND_UD, with FCB as its turn is. subcode: 0..255, or -1 for none.
    if subcode >= 0:
        out[mbus.DATA] = subcode
    return mbus.close(out, control, address, _CI_RESET, 1 if subcode >= 0 else 0)


def baud(out, control, address, rate):
    # 0 for a rate that M-Bus does not know.
    for k in range(len(_BAUDS)):
        if _BAUDS[k] == rate:
            return mbus.close(out, control, address, _CI_300 + k, 0)
    return 0


def primary(out, control, address, new):
    # 0 for an address that no meter may have.
    if not 0 <= new <= MAX_PRIMARY:
        return 0
    out[mbus.DATA : mbus.DATA + 3] = b"\x01\x7a\x00"
    out[mbus.DATA + 2] = new
    return mbus.close(out, control, address, _CI_DATA, 3)


def identification(out, control, address, digits):
    # digits: 0..99999999, else 0 is returned.
    out[mbus.DATA : mbus.DATA + 2] = b"\x0c\x79"
    if not bcd.encode(digits, out, mbus.DATA + 2, 4):
        return 0
    return mbus.close(out, control, address, _CI_DATA, 6)


def time(out, control, address, year, month, day, hour, minute):
    # Type F (EN 13757-3 annex A), standard time, 2000..2099.
    y = year - 2000
    at = mbus.DATA
    out[at : at + 2] = b"\x04\x6d"
    out[at + 2] = minute
    out[at + 3] = 0x20 | hour  # 1900 + 100: the years before 2000 are 0
    out[at + 4] = (y & 7) << 5 | day
    out[at + 5] = (y >> 3) << 4 | month
    return mbus.close(out, control, address, _CI_DATA, 6)
