"""Quantities that the firmware itself fills or answers.

The codes stand in compiled configurations: never renumber. Those that only meters fill (energy,
temperatures and so on) are data and stand with the host tools' terms: a new one needs no firmware.
"""

from micropython import const

VOLUME = const(1)
FLOW = const(4)
PULSES = const(9)  # net, since the base reading
FORWARD = const(10)  # volume
REVERSE = const(11)

# What a pulse point says to prove its reading.
SEQUENCE = const(12)  # of readings since the start: with STARTS it puts all in order
GENERATION = const(13)  # of the total's record
LOSS_BOUND = const(14)  # pulses that a power cut may cost, by the save policy
GAP = const(15)  # most pulses missed since somebody last entered the dial
ALARMS = const(17)  # latched, a bit each (model.alarms)

HEADER_STATUS = const(54)  # of an M-Bus meter: the byte that stands in every header

# The converter's own: it is metering point 0.
STARTS = const(32)
RESET_CAUSE = const(33)
HUNG_TASK = const(34)  # number of the task that ran when the watchdog struck, 0 if none
EVENTS = const(35)  # events recorded in all
LAST_EVENT = const(36)
COMMITS = const(37)  # since the start
SLOW_COMMITS = const(38)  # of them so slow (an erase) that the uplink's UART may have lost bytes
LONGEST_COMMIT = const(39)  # ms

# Answered by the station itself.
ADDRESS = const(64)
STATUS = const(66)  # of the point (model.point)
