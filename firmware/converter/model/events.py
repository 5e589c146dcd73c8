"""The last events, in a fixed ring of 8-byte entries that is also their record on flash.

Entry: code (1), detail (1), sequence number (2), time in seconds since start (4), low byte first.
"""

import struct

from micropython import const

STARTED = const(1)  # detail: reset cause
TASK_ENDED = const(2)  # detail: task number
TASK_OUT_OF_MEMORY = const(3)  # detail: task number
TASK_HUNG = const(4)  # detail: task number; found at the start after the watchdog's reset
COMMIT_FAILED = const(5)  # detail: errno
RECORD_LOST = const(6)  # detail: 1 unreadable, 2 newer format
SLOT_CONFIRMED = const(7)
MAINTENANCE = const(8)
METER_SILENT = const(9)  # detail: point number
METER_BACK = const(10)  # detail: point number
TRIAL_FAILED = const(11)  # detail: how many times tasks ended

_ENTRY = "<BBHI"
_SIZE = const(8)
CAPACITY = const(16)


class Events:
    def __init__(self):
        self.ring = bytearray(CAPACITY * _SIZE)
        self.count = 0  # since the first start; entry k is at k % CAPACITY
        self.dirty = False

    def restore(self, payload, count):
        self.ring[:] = payload
        self.count = count

    def add(self, code, detail, time_s):
        at = self.count % CAPACITY * _SIZE
        struct.pack_into(
            _ENTRY, self.ring, at, code, detail & 0xFF, self.count & 0xFFFF, time_s & 0xFFFFFFFF
        )
        self.count += 1
        self.dirty = True

    def last(self):
        # (code, detail, sequence, time_s) of the newest event, or None.
        if not self.count:
            return None
        return struct.unpack_from(_ENTRY, self.ring, (self.count - 1) % CAPACITY * _SIZE)
