"""Base units that only M-Bus meters use, beside those of model.unit: prefixes and litres are in
the exponent. Hours and days come as unit.HOUR, seconds and minutes as SECOND.
"""

from micropython import const

SECOND = const(16)
MONTH = const(17)
YEAR = const(18)
KG = const(19)
KG_PER_H = const(20)
J_PER_H = const(21)
M3_PER_MIN = const(22)
M3_PER_S = const(23)
KELVIN = const(24)
BAR = const(25)
VOLT = const(26)
AMPERE = const(27)
CURRENCY = const(28)
BAUD = const(29)
BIT_TIME = const(30)
DBM = const(31)
VARH = const(32)
VAR = const(33)
VAH = const(34)
VA = const(35)
CAL = const(36)
PERCENT = const(37)
DEGREE = const(38)
HERTZ = const(39)
FEET3 = const(40)
HCA = const(41)
DURATION = const(255)  # in tables: the low bits of the code choose the unit of time
