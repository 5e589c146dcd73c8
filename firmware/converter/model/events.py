"""The last events, in a fixed ring of 16-byte entries that is also their record on flash.

Entry, low byte first: code (1), detail (1), sequence number (2), time in seconds since 2000, 0
when the clock did not know (4), value (4), and since (4): the start of a span, or the uptime.
"""

import struct

from micropython import const

STARTED = const(1)  # detail: reset cause
TASK_ENDED = const(2)  # detail: task number
TASK_OUT_OF_MEMORY = const(3)  # detail: task number
TASK_HUNG = const(4)  # detail: task number; found at the start after the watchdog's reset
COMMIT_FAILED = const(5)  # detail: errno
RECORD_LOST = const(6)  # detail: why (store.record); value: point number, 0 the node's own
SLOT_CONFIRMED = const(7)
METER_SILENT = const(9)  # detail: point number
METER_BACK = const(10)  # detail: point number
TRIAL_FAILED = const(11)  # detail: how many times tasks ended
GAP = const(12)  # detail: point; value: most pulses missed (model.gap); since: start of the gap
LEVEL_CHANGED = const(13)  # detail: point; its input had another level before the gap
PRESET = const(14)  # detail: point; value: number of the entry in the list of presets
ALARM = const(15)  # detail: point; value: bit (model.alarms; 32 on: docs/metering.md)
CLOCK_SET = const(16)  # detail: 0 forwards, 1 backwards, 2 it was unknown before; value: seconds
CLOCK_LOST = const(17)
SUPPLY_FAILING = const(18)
SOURCE_FALLBACK = const(19)  # detail: point; its pulse source is not in this image, irq is used
RESTORED = const(20)  # detail: point; entered anew after its record was lost
ALARMS_CLEARED = const(21)  # detail: point; value: the bits
FREEZE_LOST = const(22)  # detail: point; value: its moment; commits had failed for long
RECORDS_GONE = const(23)  # the file system was reformatted: the node is silent until restored
SUSPECT_READING = const(24)  # detail: point; published with point.SUSPECT
# Of these detail is the bus, and value the last 8 digits of the meter's address as hexadecimal.
CONTROL_REFUSED = const(25)  # a frame that the policy does not allow, or nobody may send
VALVE_OPENING = const(26)  # sent: any valve command but "close"
VALVE_CLOSING = const(27)  # sent
MOTOR_SYNC = const(28)  # sent: the meter's own index is set
CONTROLS_REFUSED = const(29)  # in the hour after a 25; detail: bus; value: how many; since: the 25
WRITTEN = const(33)  # detail: model.change; value: number of its entry in the list of writes
LOCKED = const(34)  # detail: level; too many wrong passwords; value: wrong ones in all
WINDOW_OPENED = const(35)  # programming; detail: 0 button, 1 console; value: seconds
EVENTS_CLEARED = const(36)  # value: how many there had been
ARCHIVE_CHANGED = const(37)  # detail: meters added or deleted, 0: cleared; value: meters in it
MODULE_BOUND = const(40)  # the communication module asked us; value: baud
MODULE_SILENT = const(41)  # and is reset; detail: edges of STA since the last one; value: seconds

_ENTRY = "<BBHIII"
_SIZE = const(16)
CAPACITY = const(24)


class Events:
    def __init__(self):
        self.ring = bytearray(CAPACITY * _SIZE)
        self.count = 0  # since the first start; entry k is at k % CAPACITY
        self.dirty = False

    def add(self, code, detail, time_s, value, since_s):
        at = self.count % CAPACITY * _SIZE
        struct.pack_into(
            _ENTRY,
            self.ring,
            at,
            code,
            detail & 0xFF,
            self.count & 0xFFFF,
            time_s & 0xFFFFFFFF,
            value & 0xFFFFFFFF,
            since_s & 0xFFFFFFFF,
        )
        self.count += 1
        self.dirty = True

    def clear(self):
        # Those before are gone; the count goes on.
        for i in range(len(self.ring)):
            self.ring[i] = 0
        self.dirty = True

    def newest(self, back):
        # (code, detail, sequence, time_s, value, since_s); back: 0 for the last one. None when
        # it is not there (any more).
        if not 0 <= back < min(self.count, CAPACITY):
            return None
        entry = struct.unpack_from(_ENTRY, self.ring, (self.count - 1 - back) % CAPACITY * _SIZE)
        # Cleared, or a record of version 1 brought fewer than the ring holds: those are blank.
        return entry if entry[0] else None
