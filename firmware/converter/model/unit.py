"""Base units of published values. A value is a whole number, a decimal exponent and one of these:
3 kWh is (3, 3, WH). Joules and watt-hours stay apart: turning one into the other would round.
"""

from micropython import const

NONE = const(0)
WH = const(1)
J = const(2)
W = const(3)
M3 = const(4)
M3_PER_H = const(5)
CELSIUS = const(6)
HOUR = const(7)
