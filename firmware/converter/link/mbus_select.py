"""Selecting one M-Bus meter by its secondary address (EN 13757-3 clause 11), which then answers
at address 253. Any part may be a wildcard: a digit F of the ID, a whole byte FF of the rest.
"""

from micropython import const

from converter.link import mbus

_CI_SELECT = const(0x52)
_FABRICATION = b"\x0c\x78"  # DIF and VIF of the enhanced selection; they have no wildcard

ANYONE = b"\xff\xff\xff\xff\xff\xff\xff\xff"


def select(out, secondary, fabrication=None):
    # secondary: ID (4 BCD bytes, low first), manufacturer (2), version, medium, as on the wire.
    # fabrication: 4 BCD bytes more, for meters that share all that (enhanced selection).
    n = 8
    out[mbus.DATA : mbus.DATA + 8] = secondary
    if fabrication is not None:
        out[mbus.DATA + 8 : mbus.DATA + 10] = _FABRICATION
        out[mbus.DATA + 10 : mbus.DATA + 14] = fabrication
        n = 14
    return mbus.close(out, mbus.SND_UD, mbus.SELECTED, _CI_SELECT, n)


def deselect(out):
    # Some meters acknowledge it and some do not: silence is as good as E5.
    return mbus.short(out, mbus.SND_NKE, mbus.SELECTED)


def matches(secondary, header, at=0):
    # Whether the header of an answer (ID, manufacturer, version, medium from at) is a meter that
    # this address selects: a meter that kept an old selection answers at 253 as well.
    for i in range(8):
        want = secondary[i]
        got = header[at + i]
        if want != got and want != 0xFF:
            if i > 3:
                return False
            if want & 0xF0 != got & 0xF0 and want < 0xF0:
                return False
            if want & 0x0F != got & 0x0F and want & 0x0F != 0x0F:
                return False
    return True
