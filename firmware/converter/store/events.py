"""The events on a durable record: the ring, the count of all (4), the count of starts (4)."""

import struct

from micropython import const

from converter.store.record import Record

_RING = const(128)  # bytes, model.events CAPACITY * 8


class KeptEvents:
    def __init__(self, events, keeper, name):
        self.events = events
        self._record = Record(keeper, name, ((1, _RING + 8),))
        self.starts = 0

    def load(self):
        # None, or the record's problem when nothing could be restored.
        if not self._record.load():
            return self._record.problem
        payload = self._record.payload
        count, self.starts = struct.unpack_from("<II", payload, _RING)
        self.events.restore(payload[:_RING], count)
        return None

    def commit(self):
        # OSError when the keeper could not.
        self._record.payload[:_RING] = self.events.ring
        struct.pack_into("<II", self._record.payload, _RING, self.events.count, self.starts)
        self._record.commit()
        self.events.dirty = False
