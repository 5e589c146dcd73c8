"""What a primary VIF means (EN 13757-3 table 10): kind of quantity, base unit, exponent.

Kinds stand in compiled profiles: never renumber. The second table (FD) has 128 + its first code.
"""

from micropython import const

from converter.meters import mbus_unit
from converter.model import unit

UNKNOWN = const(0)
ENERGY = const(1)
VOLUME = const(2)
MASS = const(3)
ON_TIME = const(4)
OPERATING_TIME = const(5)
POWER = const(6)
VOLUME_FLOW = const(7)
MASS_FLOW = const(8)
FLOW_TEMPERATURE = const(9)
RETURN_TEMPERATURE = const(10)
TEMPERATURE_DIFFERENCE = const(11)
EXTERNAL_TEMPERATURE = const(12)
PRESSURE = const(13)
DATE = const(14)
DATE_TIME = const(15)
HCA = const(16)
AVERAGING_DURATION = const(17)
ACTUALITY_DURATION = const(18)
FABRICATION_NUMBER = const(19)
IDENTIFICATION = const(20)
BUS_ADDRESS = const(21)
NAMED = const(22)  # the telegram spells the name out (VIF 7C)
ANY = const(23)
MANUFACTURER = const(24)
REACTIVE_ENERGY = const(25)
APPARENT_ENERGY = const(26)
REACTIVE_POWER = const(27)
APPARENT_POWER = const(28)
HUMIDITY = const(29)
PHASE_UU = const(30)
PHASE_UI = const(31)
FREQUENCY = const(32)
TEMPERATURE_LIMIT = const(33)
CUMULATED_MAXIMUM_POWER = const(34)
# What a VIFE turns a quantity into:
DATE_OF = const(35)
DURATION_OF = const(36)
COUNT_OF = const(37)

# Four codes a row: kind, base unit, exponent of the first + 16. In the rows whose kind is ANY the
# four codes differ in kind.
_T = mbus_unit.DURATION
_ROWS = bytes(
    (ENERGY, unit.WH, 13, ENERGY, unit.WH, 17)
    + (ENERGY, unit.J, 16, ENERGY, unit.J, 20)
    + (VOLUME, unit.M3, 10, VOLUME, unit.M3, 14)
    + (MASS, mbus_unit.KG, 13, MASS, mbus_unit.KG, 17)
    + (ON_TIME, _T, 16, OPERATING_TIME, _T, 16)
    + (POWER, unit.W, 13, POWER, unit.W, 17)
    + (POWER, mbus_unit.J_PER_H, 16, POWER, mbus_unit.J_PER_H, 20)
    + (VOLUME_FLOW, unit.M3_PER_H, 10, VOLUME_FLOW, unit.M3_PER_H, 14)
    + (VOLUME_FLOW, mbus_unit.M3_PER_MIN, 9, VOLUME_FLOW, mbus_unit.M3_PER_MIN, 13)
    + (VOLUME_FLOW, mbus_unit.M3_PER_S, 7, VOLUME_FLOW, mbus_unit.M3_PER_S, 11)
    + (MASS_FLOW, mbus_unit.KG_PER_H, 13, MASS_FLOW, mbus_unit.KG_PER_H, 17)
    + (FLOW_TEMPERATURE, unit.CELSIUS, 13, RETURN_TEMPERATURE, unit.CELSIUS, 13)
    + (TEMPERATURE_DIFFERENCE, mbus_unit.KELVIN, 13, EXTERNAL_TEMPERATURE, unit.CELSIUS, 13)
    + (PRESSURE, mbus_unit.BAR, 13, ANY, 0, 0)
    + (AVERAGING_DURATION, _T, 16, ACTUALITY_DURATION, _T, 16)
    + (ANY, 1, 0, ANY, 2, 0)
)
_SINGLES = bytes(
    (DATE, DATE_TIME, HCA, UNKNOWN)  # 6C..
    + (FABRICATION_NUMBER, IDENTIFICATION, BUS_ADDRESS, UNKNOWN)  # 78.., 7B is the FB table
    + (NAMED, UNKNOWN, ANY, MANUFACTURER)  # 7C.., 7D is the FD table
)


def primary(record, code):
    # Set kind, unit, scale and factor of the record from the 7 bits of its VIF.
    row = code >> 2
    row += row << 1
    kind = _ROWS[row]
    base = _ROWS[row + 1]
    low = code & 3
    if kind == ANY:
        kind = _SINGLES[base * 4 + low]
        record.unit = mbus_unit.HCA if kind == HCA else unit.NONE
        record.unsigned = FABRICATION_NUMBER <= kind <= BUS_ADDRESS
    elif base == mbus_unit.DURATION:
        duration(record, low)
    else:
        record.unit = base
        record.scale = _ROWS[row + 2] - 16 + low
    record.kind = kind


def duration(record, nn):
    # 0..5: seconds, minutes, hours, days, months, years. Exact in the unit chosen.
    record.scale = 0
    if nn < 2:
        record.unit = mbus_unit.SECOND
        record.factor = 60 if nn else 1
    elif nn < 4:
        record.unit = unit.HOUR
        record.factor = 24 if nn == 3 else 1
    else:
        record.unit = mbus_unit.MONTH if nn == 4 else mbus_unit.YEAR
        record.factor = 1
