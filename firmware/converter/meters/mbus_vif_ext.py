"""VIFs of the tables behind FD and FB (EN 13757-3 tables 12 and 14). Loaded when a meter uses one.

What the editions of 2004 meant by codes that are reserved now (feet, gallons, Fahrenheit) is
unknown here: a code that changed its meaning is no basis for a bill.
"""

from micropython import const

from converter.meters import mbus_unit, mbus_vif
from converter.model import unit

# First code, last code, kind, base unit, exponent of the first + 16. DURATION: the exponent is
# that of a time unit, 0..5. A kind of 0 stands for 128 + first.
_T = mbus_unit.DURATION
_FD = bytes(
    (0x00, 0x03, 0, mbus_unit.CURRENCY, 13)
    + (0x04, 0x07, 0, mbus_unit.CURRENCY, 13)
    + (0x1C, 0x1C, 0, mbus_unit.BAUD, 16)
    + (0x1D, 0x1D, 0, mbus_unit.BIT_TIME, 16)
    + (0x24, 0x29, 0, _T, 0)
    + (0x2B, 0x2B, 0, _T, 0)
    + (0x2C, 0x2F, 0, _T, 0)
    + (0x31, 0x33, 0, _T, 1)
    + (0x34, 0x39, 0, _T, 0)
    + (0x3C, 0x3F, 0, _T, 0)
    + (0x40, 0x4F, 0, mbus_unit.VOLT, 7)
    + (0x50, 0x5F, 0, mbus_unit.AMPERE, 4)
    + (0x68, 0x6B, 0, _T, 2)
    + (0x6C, 0x6F, 0, _T, 2)
    + (0x71, 0x71, 0, mbus_unit.DBM, 16)
    + (0x74, 0x74, 0, _T, 3)
)
_FB = bytes(
    (0x00, 0x01, mbus_vif.ENERGY, unit.WH, 21)
    + (0x02, 0x03, mbus_vif.REACTIVE_ENERGY, mbus_unit.VARH, 19)
    + (0x04, 0x05, mbus_vif.APPARENT_ENERGY, mbus_unit.VAH, 19)
    + (0x08, 0x09, mbus_vif.ENERGY, unit.J, 24)
    + (0x0C, 0x0F, mbus_vif.ENERGY, mbus_unit.CAL, 21)
    + (0x10, 0x11, mbus_vif.VOLUME, unit.M3, 18)
    + (0x14, 0x17, mbus_vif.REACTIVE_POWER, mbus_unit.VAR, 16)
    + (0x18, 0x19, mbus_vif.MASS, mbus_unit.KG, 21)
    + (0x1A, 0x1B, mbus_vif.HUMIDITY, mbus_unit.PERCENT, 15)
    + (0x20, 0x20, mbus_vif.VOLUME, mbus_unit.FEET3, 16)
    + (0x21, 0x21, mbus_vif.VOLUME, mbus_unit.FEET3, 15)
    + (0x28, 0x29, mbus_vif.POWER, unit.W, 21)
    + (0x2A, 0x2A, mbus_vif.PHASE_UU, mbus_unit.DEGREE, 15)
    + (0x2B, 0x2B, mbus_vif.PHASE_UI, mbus_unit.DEGREE, 15)
    + (0x2C, 0x2F, mbus_vif.FREQUENCY, mbus_unit.HERTZ, 13)
    + (0x30, 0x31, mbus_vif.POWER, mbus_unit.J_PER_H, 24)
    + (0x34, 0x37, mbus_vif.APPARENT_POWER, mbus_unit.VA, 16)
    + (0x74, 0x77, mbus_vif.TEMPERATURE_LIMIT, unit.CELSIUS, 13)
    + (0x78, 0x7F, mbus_vif.CUMULATED_MAXIMUM_POWER, unit.W, 13)
)

_SINGLE = const(0x80)
_LAST_FD = const(0x76)
START_OF_TARIFF = const(0xB0)
BATTERY_CHANGE = const(0xF0)
DAYLIGHT_SAVING = const(0xF2)


def extended(record, table, code):
    # table: FD or FB; code: the 7 bits of the true VIF.
    rows = _FD if table == 0xFD else _FB
    for at in range(0, len(rows), 5):
        if rows[at] <= code <= rows[at + 1]:
            record.kind = rows[at + 2] or _SINGLE | rows[at]
            n = rows[at + 4] + code - rows[at]
            if rows[at + 3] == mbus_unit.DURATION:
                mbus_vif.duration(record, n)
            else:
                record.unit = rows[at + 3]
                record.scale = n - 16
            return
    if table == 0xFD and code <= _LAST_FD and code != 0x19 and code != 0x23:
        # Numbers, flags and texts about the device: what is binary among them has no sign.
        record.kind = _SINGLE | code
        record.unsigned = True
