"""VIFEs that combine with any VIF (EN 13757-3 tables 15 and 16). Loaded when a meter uses one.

Powers of ten are worked into the scale. Whatever else changes what the number means becomes the
record's `modifier`, so that a profile takes the record only if it asks for just that.
"""

from micropython import const

from converter.meters import mbus_vif
from converter.model import unit

EXTENSION = const(0x7C)  # the next VIFE is of the second table: its modifier has bit 7 set
MANUFACTURER = const(0x7F)  # what follows is the manufacturer's: its first byte is `detail`
SEVERAL = const(0xFF)  # more modifiers than one

_NO_DATA_CODES = const(0x1B)  # 01.. are record errors: the meter says that it has no value
_STANDARD_CONFORM = const(0x1C)
_LAST_PROFILE = const(0x1F)  # 1E, 1F: the data is a compact profile, no single number


def combine(record, code):
    # Work the 7 bits of one VIFE into the record.
    if code < 0x20:
        if code == 0:
            return
        if record.to_meter:
            note(record, code)  # an action upon the object
        elif code == _STANDARD_CONFORM:
            pass
        else:
            record.fault = code
    elif 0x70 <= code <= 0x77:
        record.scale += code - 0x76
    elif code == 0x7D:
        record.scale += 3
    elif code == 0x3D or code == 0x3F or code & 0x76 == 0x44:
        # Another system of units, an OBIS code instead of data, reserved.
        _replace(record, mbus_vif.UNKNOWN, code)
    elif code & 0x77 == 0x41:
        _replace(record, mbus_vif.COUNT_OF, code)
    elif code == 0x39 or code & 0x72 == 0x42 or code & 0x7A == 0x6A:
        _replace(record, mbus_vif.DATE_OF, code)
    elif 0x50 <= code < 0x68:
        _replace(record, mbus_vif.DURATION_OF, code)
        mbus_vif.duration(record, code & 3)
    else:
        note(record, code)


def _replace(record, kind, code):
    # The number is no longer of the quantity that the VIF names.
    record.kind = kind
    record.unit = unit.NONE
    record.scale = 0
    record.factor = 1
    record.unsigned = kind == mbus_vif.COUNT_OF
    note(record, code)


def note(record, code):
    record.modifier = SEVERAL if record.modifier else code
