"""What a metering point can hold. The codes stand in compiled configurations: never renumber."""

from micropython import const

VOLUME = const(1)
ENERGY = const(2)
POWER = const(3)
FLOW = const(4)
SUPPLY_TEMPERATURE = const(5)
RETURN_TEMPERATURE = const(6)
OPERATING_HOURS = const(7)
METER_STATUS = const(8)  # the meter's own status word
PULSES = const(9)  # counted since the base reading
POINT_STATUS = const(10)  # bits of model.point

# The converter's own: it is metering point 0.
STARTS = const(32)
RESET_CAUSE = const(33)
HUNG_TASK = const(34)  # number of the task that ran when the watchdog struck, 0 if none
EVENTS = const(35)  # events recorded in all
LAST_EVENT = const(36)

# Answered by the station itself.
ADDRESS = const(64)
SERIAL = const(65)
