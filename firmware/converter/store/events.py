"""The events on a durable record, with the count of starts and the time of the last sign of life.

Version 2: the ring (384), count of events (4), of starts (4), time of the commit (4), the
converter's own latched alarms (2) and their entries (66). Version 1,
still read, and written until a new slot is confirmed: sixteen entries of code, detail,
sequence (2) and uptime (4), count, starts.
"""

import struct

from micropython import const

from converter.model.alarms import Alarms
from converter.store.record import Record

_RING = const(384)
_TAIL = "<IIIH"
_ALARMS = const(398)
_SIZE = const(464)
_OLD_RING = const(128)
_OLD_CAPACITY = const(16)
_OLD_ENTRY = "<BBHI"

SIZE = const(480)  # bytes of the whole record: up to 512 cost no block of its own


class KeptEvents:
    def __init__(self, events, keeper, name, owner):
        self.events = events
        self.alarms = Alarms()  # the converter's own
        self.starts = 0
        self.alive_s = 0  # when the last commit was made, since 2000; 0 unknown
        self._record = Record(keeper, name, ((1, _OLD_RING + 8), (2, _SIZE)), owner)
        self._record.use(1)  # until upgrade(): the firmware before must be able to go on with it

    def load(self):
        # None, or the record's problem when nothing could be restored.
        record = self._record
        if not record.load():
            return record.problem
        events = self.events
        if record.version == 1:
            events.count, self.starts = struct.unpack_from("<II", record.payload, _OLD_RING)
            count = events.count
            events.count = max(count - _OLD_CAPACITY, 0)
            while events.count < count:
                at = events.count % _OLD_CAPACITY * 8
                code, detail, _, uptime_s = struct.unpack_from(_OLD_ENTRY, record.payload, at)
                events.add(code, detail, 0, 0, uptime_s)
        else:
            events.ring = record.payload[:_RING]
            events.count, self.starts, self.alive_s, self.alarms.latched = struct.unpack_from(
                _TAIL, record.payload, _RING
            )
            self.alarms.entries[:] = record.payload[_ALARMS:]
        events.dirty = False
        return None

    @property
    def dirty(self):
        return self.events.dirty or self.alarms.dirty

    def take_over(self):
        # Somebody has restored this node: the record of another may be written over.
        self._record.take_over()

    def upgrade(self):
        # The slot is confirmed: from now on the newest format is written.
        if self._record.version == 1:
            self._record.use(2)
            ring = self._record.payload[:_RING]
            ring[:] = self.events.ring
            self.events.ring = ring  # one copy is enough
            self.events.dirty = True

    def commit(self, time_s):
        # OSError when the keeper could not.
        events = self.events
        payload = self._record.payload
        if self._record.version == 1:
            for back in range(_OLD_CAPACITY):
                entry = events.newest(back)
                if not entry:
                    break
                code, detail, sequence, _, _, since_s = entry
                at = sequence % _OLD_CAPACITY * 8
                struct.pack_into(_OLD_ENTRY, payload, at, code, detail, sequence, since_s)
            struct.pack_into("<II", payload, _OLD_RING, events.count, self.starts)
        else:
            struct.pack_into(
                _TAIL, payload, _RING, events.count, self.starts, time_s, self.alarms.latched
            )
            payload[_ALARMS:] = self.alarms.entries
        self._record.commit()
        self.alive_s = time_s
        events.dirty = self.alarms.dirty = False
