"""Who set which dial to what: the last presets and corrections, old and new value, on a record.

Entry, low byte first: point (1), reason (1), 0 (2), time in seconds since 2000 or 0 (4), old index
(8), new index (8), in the units of the point's dial. Entry k stands at k % 8; then the count (4).
"""

import struct

from micropython import const

from converter.store.record import UNKNOWN, Record

# Reasons.
COMMISSIONED = const(1)  # the dial read when the converter was installed
CORRECTED = const(2)  # the dial read later, and found to differ
EXCHANGED = const(3)  # another meter
RESTORED = const(4)  # from the ledger, after the record was lost

CAPACITY = const(8)
_ENTRY = "<BBHIQQ"
_SIZE = const(24)
_RING = const(192)
_EIO = const(5)

SIZE = const(212)  # bytes of the whole record


class Presets:
    def __init__(self, keeper, owner):
        self._record = Record(keeper, "presets", ((2, _RING + 4),), owner)
        self.count = 0

    def load(self):
        # None, or the record's problem when nothing could be restored.
        if not self._record.load():
            return self._record.problem
        self.count = struct.unpack_from("<I", self._record.payload, _RING)[0]
        return None

    def take_over(self):
        # As KeptEvents.
        self._record.take_over()

    def add(self, point, reason, time_s, old, new):
        # Durable when it returns; OSError when the keeper could not: then nothing was added.
        if self._record.problem == UNKNOWN and self.load() == UNKNOWN:
            raise OSError(_EIO)  # the list may well be sound, and is not written over
        payload = self._record.payload
        at = self.count % CAPACITY * _SIZE
        before = bytes(payload[at : at + _SIZE])
        struct.pack_into(_ENTRY, payload, at, point, reason, 0, time_s, old, new)
        struct.pack_into("<I", payload, _RING, self.count + 1)
        try:
            self._record.commit()
        except OSError:
            payload[at : at + _SIZE] = before
            struct.pack_into("<I", payload, _RING, self.count)
            raise
        self.count += 1

    def newest(self, back):
        # (point, reason, 0, time_s, old, new); back: 0 for the last one. None when not there.
        if not 0 <= back < min(self.count, CAPACITY):
            return None
        at = (self.count - 1 - back) % CAPACITY * _SIZE
        return struct.unpack_from(_ENTRY, self._record.payload, at)
