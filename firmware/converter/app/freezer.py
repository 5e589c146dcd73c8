"""Freezes every point at each full hour, and puts it on the record when the line rests."""

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
        self.settlement = settlement
        self._hour = 0  # the last one frozen
        self._waiting = []
        self._tried_s = 0
        self._failing = False  # tried again and again, told once

    def look(self, now_s):
        # To be called every second or so. now_s: since 2000, 0 unknown: then nothing is frozen.
        hour = now_s // 3600
        if not now_s or hour == self._hour or now_s % 3600 > _LATE_S:
            return
        self._hour = hour
        moment = hour * 3600
        for kind, number in freezes.due(moment, self.settlement):
            for i in range(1, len(self._node.points)):
                self._freeze(i, kind, number, moment)

    def freeze_now(self, i):
        # The point's index at this moment, because somebody asks; whether it is taken: not
        # without a clock, nor while too many wait.
        now = self._node.time_s()
        return bool(now) and self._freeze(i, freezes.INSTANT, 0, now)

    def _freeze(self, i, kind, number, moment):
        if len(self._waiting) >= _WAITING:
            self._node.record_event(events.FREEZE_LOST, i, moment)
            return False
        self._waiting.append((i, kind, number, self._entry(i, moment)))
        return True

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

    def past(self, i, kind, back, now):
        # (moment, entry or None: missed) of the back-th freeze of a point before now (since 2000);
        # 1 is the newest. None when there is no such freeze, or no time to count it from (0).
        if not 1 <= back <= history.KEPT[kind]:
            return None
        if kind == freezes.INSTANT:
            return self._instant(i, back)
        if not now:
            return None
        number, moment = freezes.past(kind, back, now, self.settlement)
        if moment is None:
            return None
        for waiting in self._waiting:
            if waiting[:3] == (i, kind, number):
                return moment, waiting[3]
        return moment, self._kept.get(i, owner(self._node.points[i]), kind, number, moment)

    def _instant(self, i, back):
        waiting = [w[3] for w in self._waiting if w[:2] == (i, freezes.INSTANT)]
        if back <= len(waiting):
            entry = waiting[-back]
        else:
            newer = back - len(waiting) - 1
            mine = owner(self._node.points[i])
            entry = self._kept.get(i, mine, freezes.INSTANT, newer, 0)
        return (entry[0], entry) if entry else None


def owner(point):
    # Whose record it is: four bytes that another meter's address does not give.
    return crc32(point.address).to_bytes(4, "little")
