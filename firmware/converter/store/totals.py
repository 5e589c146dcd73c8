"""Pulse totals on durable records: one record a total, committed by a plain policy."""

import struct

from micropython import const

from converter.store.record import Record

_PAYLOAD = "<QQ"  # pulses, base reading
_PAYLOAD_SIZE = const(16)


class KeptTotal:
    def __init__(self, total, keeper, name, every_pulses, every_s):
        # Commit after every_pulses, or every_s after the first uncommitted one, but not twice in
        # a second, which would only wear the flash.
        self.total = total
        self._record = Record(keeper, name, ((1, _PAYLOAD_SIZE),))
        self._every_pulses = every_pulses
        self._every_s = every_s
        self._committed = 0  # pulses at the last commit
        self._waiting_since_s = 0

    def load(self):
        # None, or the record's problem when nothing could be restored.
        if not self._record.load():
            return self._record.problem
        self.total.pulses, self.total.base = struct.unpack_from(_PAYLOAD, self._record.payload, 0)
        self._committed = self.total.pulses
        return None

    def add(self, pulses, now_s):
        if self.uncommitted == 0:
            self._waiting_since_s = now_s
        self.total.add(pulses)

    @property
    def uncommitted(self):
        return self.total.pulses - self._committed

    def due(self, now_s):
        n = self.uncommitted
        waited = now_s - self._waiting_since_s
        return n > 0 and (waited >= self._every_s or (n >= self._every_pulses and waited >= 1))

    def put_off(self, now_s):
        # After a commit that failed: try again when the policy says so, not at once.
        self._waiting_since_s = now_s

    def commit(self):
        # OSError when the keeper could not: the total goes on counting, the old commit stands.
        pulses = self.total.pulses
        struct.pack_into(_PAYLOAD, self._record.payload, 0, pulses, self.total.base)
        self._record.commit()
        self._committed = pulses
