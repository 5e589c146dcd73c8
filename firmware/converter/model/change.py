"""What can be changed from outside.

The codes stand in records and in compiled configurations: never renumber.
"""

from micropython import const

CLOCK = const(1)
ADDRESS = const(2)
DIAL = const(3)
SETTLEMENT = const(4)
ALARMS = const(5)  # cleared
EVENTS = const(6)  # cleared
PASSWORD = const(7)
BAUD = const(8)
PATTERN = const(9)  # of timed freezes
KEY = const(10)  # of sealed requests
VALVE = const(11)  # of a meter: 55 opened, 99 closed

# Levels of passwords (DL/T 645-2007 clause 7.9): 00 is the highest.
CLEARING = const(2)
WRITING = const(4)
