"""Freezes every point at each full hour and when somebody asks for it, and puts it on the record
when the line rests."""

from binascii import crc32

from micropython import const

from converter.model import events, freezes
from converter.store import history

_LATE_S = const(10)  # a freeze taken later than this after its moment would be a lie
_WAITING = const(64)  # freezes; more cannot be kept while commits fail


class Freezer:
    def __init__(self, node, kept, settlement):
        # kept: store.history. settlement: (day, hour, month of the yearly one).
        self._node = node
        self._kept = kept
        self.settlement = settlement  # may be changed: what was frozen stays what it is
        self.pattern = None  # of timed freezes (model.freezes.meets)
        self.counted = 0  # freezes since the start that push the others of their kind back
        self._minute = 0  # the last one looked at for it
        self._hour = 0  # the last one frozen
        self._waiting = []
        self._tried_s = 0
        self._failing = False  # tried again and again, told once

    def look(self, now_s):
        # To be called every second or so. now_s: since 2000, 0 unknown: then nothing is frozen.
        if self.pattern and now_s:
            self._look_timed(now_s)
        hour = now_s // 3600
        if not now_s or hour == self._hour or now_s % 3600 > _LATE_S:
            return
        self._hour = hour
        moment = hour * 3600
        for kind, number in freezes.due(moment, self.settlement):
            for i in range(1, len(self._node.points)):
                self._take(i, kind, number, moment)

    def _look_timed(self, now_s):
        minute = now_s // 60
        if minute == self._minute or now_s % 60 > _LATE_S:
            return
        self._minute = minute
        if freezes.meets(minute * 60, self.pattern):
            for i in range(1, len(self._node.points)):
                self._take(i, freezes.TIMED, None, minute * 60)

    def freeze(self, who):
        # At once (16H): the point, or every one for the converter itself (0). False when the time
        # is unknown, or what was frozen before could not be kept yet.
        now_s = self._node.time_s()
        points = (who,) if who else range(1, len(self._node.points))
        if not now_s or len(self._waiting) + len(points) > _WAITING:
            return False
        for i in points:
            self._take(i, freezes.INSTANT, None, now_s)
        return True

    def commit_all(self):
        # Whether everything frozen is durable now.
        left = None
        while self._waiting and len(self._waiting) != left:
            left = len(self._waiting)
            self._tried_s = -1
            self.commit_due()
        return not self._waiting

    def _take(self, i, kind, number, moment):
        if not self._node.points[i].quantities:
            return  # a meter that is only passed through to
        if kind >= freezes.INSTANT:
            self.counted += 1
        if len(self._waiting) < _WAITING:
            self._waiting.append((i, kind, number, self._entry(i, moment)))
        else:
            self._node.record_event(events.FREEZE_LOST, i, moment)

    def _entry(self, i, moment):
        # The point's first quantity is its main index.
        point = self._node.points[i]
        value = point.value(0)
        alarms = 0
        if self._node.pulses:
            for each in self._node.pulses.inputs:
                if each.number == i:
                    alarms = each.kept.alarms.active
        if value is None:
            return moment, 0, alarms, 0, point.status | freezes.UNKNOWN
        alarms |= point.unit(0) << freezes.UNIT_AT
        return moment, value, alarms, point.exponent(0), point.status

    def commit_due(self):
        # One at a time, in the uplink's rest; after a failure not again within the second.
        now = self._node.now_s()
        if not self._waiting or now == self._tried_s:
            return
        i, kind, number, entry = self._waiting[0]
        try:
            self._kept.put(i, owner(self._node.points[i]), kind, number, entry)
            self._waiting.pop(0)
            self._failing = False
        except OSError as error:
            self._tried_s = now
            if not self._failing:
                self._failing = True
                self._node.record_event(events.COMMIT_FAILED, error.errno or 0, i)

    def past(self, i, kind, back, now=None):
        # (moment, entry or None: missed) of the back-th freeze of a point; 1 is the newest. None
        # when there is no such freeze, or no time to count it from. now: since 2000, if another.
        if not 1 <= back <= history.KEPT[kind]:
            return None
        if kind >= freezes.INSTANT:
            return self._counted(i, kind, back)
        now = self._node.time_s() if now is None else now
        if not now:
            return None
        number, moment = freezes.past(kind, back, now, self.settlement)
        if moment is None:
            return None
        for waiting in self._waiting:
            if waiting[:3] == (i, kind, number):
                return waiting[3][0], waiting[3]
        own = owner(self._node.points[i])
        if kind < freezes.MONTH:
            return moment, self._kept.get(i, own, kind, number, moment)
        # Frozen by the settlement that was in force then.
        entry = self._kept.get(i, own, kind, number, None)
        if entry and freezes.number_of(kind, entry[0]) == number:
            return entry[0], entry
        return moment, None

    def _counted(self, i, kind, back):
        waiting = [w[3] for w in self._waiting if w[:2] == (i, kind)]
        if back <= len(waiting):
            entry = waiting[-back]
        else:
            back -= len(waiting)
            entry = self._kept.newest(i, owner(self._node.points[i]), kind, back)
        return (entry[0], entry) if entry else None


def owner(point):
    # Whose record it is: four bytes that another meter's address does not give. A station address
    # written later (15H) makes no other meter of it.
    return crc32(point.identity).to_bytes(4, "little")
