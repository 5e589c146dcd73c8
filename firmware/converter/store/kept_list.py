"""The last entries of one sort on a durable record, each durable before it is relied on.

Entry k stands at k % capacity; behind them the count (4).
"""

import struct

from micropython import const

from converter.store.record import UNKNOWN, Record

_EIO = const(5)


class KeptList:
    def __init__(self, keeper, name, owner, form, capacity):
        # form: of an entry (struct).
        self._form = form
        self._entry_size = struct.calcsize(form)
        self._capacity = capacity
        self._ring = capacity * self._entry_size
        self._record = Record(keeper, name, ((2, self._ring + 4),), owner)
        self.count = 0

    def load(self):
        # None, or the record's problem when nothing could be restored.
        if not self._record.load():
            return self._record.problem
        self.count = struct.unpack_from("<I", self._record.payload, self._ring)[0]
        return None

    def take_over(self):
        # As KeptEvents.
        self._record.take_over()

    def append(self, *fields):
        # Durable when it returns; OSError when the keeper could not: then nothing was added.
        if self._record.problem == UNKNOWN and self.load() == UNKNOWN:
            raise OSError(_EIO)  # the list may well be sound, and is not written over
        payload = self._record.payload
        at = self.count % self._capacity * self._entry_size
        before = bytes(payload[at : at + self._entry_size])
        struct.pack_into(self._form, payload, at, *fields)
        struct.pack_into("<I", payload, self._ring, self.count + 1)
        try:
            self._record.commit()
        except OSError:
            payload[at : at + self._entry_size] = before
            struct.pack_into("<I", payload, self._ring, self.count)
            raise
        self.count += 1

    def newest(self, back):
        # The fields of an entry; back: 0 for the last one. None when not there.
        if not 0 <= back < min(self.count, self._capacity):
            return None
        at = (self.count - 1 - back) % self._capacity * self._entry_size
        return struct.unpack_from(self._form, self._record.payload, at)
