"""Alarms of one metering point: each with the time it began, a counter, and a latch."""

import struct

from micropython import const

# Bits. They stand in records and in readings: never renumber.
OVER_FLOW = const(0)
LEAK = const(1)
BURST = const(2)
NO_CONSUMPTION = const(3)
BACKFLOW = const(4)
TAMPER = const(5)
CABLE_CUT = const(6)
CABLE_SHORT = const(7)
MAGNET = const(8)  # or edges that no wheel makes
# The converter's own. Events from 32 on are what a meter says itself (model.meter_alarms).
LOW_SUPPLY = const(9)
CLOCK_LOST = const(10)

COUNT = const(11)
_ENTRY = "<HI"  # how often it began, when it last did (seconds since 2000, 0 unknown)
_SIZE = const(6)


class Alarms:
    def __init__(self):
        self.active = 0  # bit set: the condition holds now
        self.latched = 0  # bit set: it held at some time since the last clear
        self.entries = bytearray(COUNT * _SIZE)  # as they stand in the record
        self.dirty = False

    def judge(self, bit, holds, time_s):
        # True when the alarm begins now.
        mask = 1 << bit
        if not holds:
            self.active &= ~mask
            return False
        if self.active & mask:
            return False
        self.active |= mask
        self.latched |= mask
        count = min(self.entry(bit)[0] + 1, 0xFFFF)
        struct.pack_into(_ENTRY, self.entries, bit * _SIZE, count, time_s)
        self.dirty = True
        return True

    def entry(self, bit):
        # (how often, when last)
        return struct.unpack_from(_ENTRY, self.entries, bit * _SIZE)

    def clear(self, mask):
        # What still holds stays latched.
        self.latched &= ~mask | self.active
        self.dirty = True
