"""Quantities that the firmware itself fills or answers.

The codes stand in compiled configurations: never renumber. Those that only meters fill (energy,
temperatures and so on) are data and stand with the host tools' terms: a new one needs no firmware.
"""

from micropython import const

VOLUME = const(1)
PULSES = const(9)  # counted since the base reading

# The converter's own: it is metering point 0.
STARTS = const(32)
RESET_CAUSE = const(33)
HUNG_TASK = const(34)  # number of the task that ran when the watchdog struck, 0 if none
EVENTS = const(35)  # events recorded in all
LAST_EVENT = const(36)

# Answered by the station itself.
ADDRESS = const(64)
SERIAL = const(65)
