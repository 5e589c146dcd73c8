"""What a pulse point must not forget, on one durable record, committed by a plain policy.

Version 2: forward pulses (8), base reading (8), reverse pulses (8), commit time (4), gap (4),
latched alarms (2), levels of the contacts (1), flags (1), entries of the alarms (66). Version 1,
still read, and written until a new slot is confirmed: pulses (8), base reading (8).
"""

import struct

from micropython import const

from converter.model.alarms import Alarms
from converter.store.record import Record

_V1 = "<QQ"
_V1_SIZE = const(16)
_V2 = "<QQQIIHBB"
_V2_SIZE = const(36)
_ALARMS_SIZE = const(66)

_RESTORED = const(1)

SIZE = const(118)  # bytes of the whole record


class KeptTotal:
    def __init__(self, total, keeper, name, owner, policy):
        # policy: commit after this many pulses, this many seconds after the first uncommitted
        # one, but not within the last number of seconds after the commit before.
        self.total = total
        self.alarms = Alarms()
        self.gap = 0  # most pulses missed since the last look at the dial (model.gap)
        self.levels = None  # of the contacts, at the last commit; None unknown
        self.restored = False  # entered anew after its record was lost
        self.time_s = 0  # of the last commit, since 2000; 0 unknown
        self.dirty = False  # something else than pulses waits for a commit
        self._record = Record(keeper, name, ((1, _V1_SIZE), (2, _V2_SIZE + _ALARMS_SIZE)), owner)
        self._record.use(1)  # until upgrade(): the firmware before must be able to go on with it
        self._every_pulses, self._at_least_s, self._at_most_s = policy
        self.loss_bound = self._every_pulses  # pulses that a power cut may cost
        self._committed = 0  # pulses, either way, at the last commit
        self._waiting_since_s = 0
        self._tried_s = 0

    @property
    def generation(self):
        # Which commit this is: rises by one with each.
        return self._record.sequence

    def load(self):
        # None, or the record's problem when nothing could be restored.
        record = self._record
        if not record.load():
            return record.problem
        total = self.total
        payload = record.payload
        if record.version == 1:
            total.forward, total.base = struct.unpack_from(_V1, payload, 0)
        else:
            (
                total.forward,
                total.base,
                total.reverse,
                self.time_s,
                self.gap,
                self.alarms.latched,
                self.levels,
                flags,
            ) = struct.unpack_from(_V2, payload, 0)
            self.restored = flags & _RESTORED != 0
            self.alarms.entries[:] = payload[_V2_SIZE:]
        self._committed = total.forward + total.reverse
        return None

    def take_over(self):
        # Somebody has entered the dial: the unreadable record may be written over.
        self._record.take_over()

    def upgrade(self):
        # The slot is confirmed: from now on the newest format is written.
        if self._record.version == 1:
            self._record.use(2)
            self.dirty = True

    def add(self, forward, reverse, now_s):
        if self.uncommitted == 0:
            self._waiting_since_s = now_s
        self.total.add(forward, reverse)

    @property
    def uncommitted(self):
        return self.total.forward + self.total.reverse - self._committed

    def due(self, now_s):
        # now_s: uptime, as in add().
        if now_s - self._tried_s < self._at_most_s:
            return False
        n = self.uncommitted
        return (
            self.dirty
            or self.alarms.dirty
            or n >= self._every_pulses
            or (n > 0 and now_s - self._waiting_since_s >= self._at_least_s)
        )

    def commit(self, now_s, time_s, levels):
        # OSError when the keeper could not: the total goes on counting, the old commit stands,
        # and the next try is due when the policy says so.
        self._tried_s = self._waiting_since_s = now_s
        total = self.total
        record = self._record
        count = total.forward + total.reverse
        if record.version == 1:
            # It knows no pulses below 0: then the dial as it stands, with none.
            net = total.net
            base = total.base if net >= 0 else total.index()
            struct.pack_into(_V1, record.payload, 0, max(net, 0), base)
        else:
            struct.pack_into(
                _V2,
                record.payload,
                0,
                total.forward,
                total.base,
                total.reverse,
                time_s,
                self.gap,
                self.alarms.latched,
                levels,
                _RESTORED if self.restored else 0,
            )
            record.payload[_V2_SIZE:] = self.alarms.entries
        record.commit()
        self._committed = count
        self.time_s = time_s
        self.levels = levels
        self.dirty = self.alarms.dirty = False
