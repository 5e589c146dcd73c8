"""Freezes on records: what the register said at each full hour, day, settlement, and when asked.

Each freeze has its own place, found from its number: the hour modulo 270, the day modulo 90, the
month and the year modulo 30. So a freeze that was missed is one whose place holds another
time: nothing has to be written for it, and none can be invented. Those that somebody asks for
(16H) stand in the order in which they came, thirty in one record: its sequence number counts them.
Entry, low byte first: time of the freeze in seconds since 2000 (4), value (8, signed), alarms that
were active and base unit (2), decimal exponent (1, signed), status of the point (1).
"""

import struct

from micropython import const

from converter.store.record import FOREIGN, Record
from converter.store.record import UNKNOWN as UNANSWERED

# Freezes that can be asked for: hourly, daily, monthly, yearly; instantaneous and timed by 16H.
KEPT = (254, 62, 15, 1, 30, 30)

_PLACES = (270, 90, 30, 30, 30, 30)
_COUNTED = const(4)  # the first kind whose freezes have no number of their own
_TIMED = const(5)
_FILES = "hdmyit"
_ENTRY = "<IqHbB"
_SIZE = const(16)
_SEGMENT = const(30)  # entries in a record: one of up to 512 bytes costs no block of its own
_PAYLOAD = const(480)
_EIO = const(5)

SIZE = const(496)  # bytes of a whole record


class History:
    """One buffer serves every record of every point, and holds the one asked for last."""

    def __init__(self, keeper):
        self._record = Record(keeper, "", ((2, _PAYLOAD),))
        self._is_kept = False  # the buffer holds what the keeper has

    def put(self, point, owner, kind, number, entry):
        # entry: (time_s, value, alarms, exponent, status). Durable when it returns; OSError when
        # the keeper could not, or when a newer firmware wrote this record. number: None where the
        # freezes of the kind are only counted.
        if number is None and self._is_there(point, owner, kind, entry):
            return
        at = self._open(point, owner, kind, number)
        self._is_kept = False
        struct.pack_into(_ENTRY, self._record.payload, at, *entry)
        self._record.commit()

    def get(self, point, owner, kind, number, time_s):
        # The entry of the freeze that was due at time_s, or None: it was missed. time_s None:
        # whichever stands in that place. OSError when the keeper cannot tell.
        at = self._open(point, owner, kind, number)
        entry = struct.unpack_from(_ENTRY, self._record.payload, at)
        return entry if entry[0] and time_s in (None, entry[0]) else None

    def newest(self, point, owner, kind, back):
        # The back-th newest entry of a kind that is only counted, or None; 1 is the newest.
        at = self._open(point, owner, kind, -back)
        if not 1 <= back <= min(self._record.sequence, KEPT[kind]):
            return None
        return struct.unpack_from(_ENTRY, self._record.payload, at)

    def _is_there(self, point, owner, kind, entry):
        # Durable, though the keeper had said that it could not; or the same minute again, after a
        # restart.
        last = self.newest(point, owner, kind, 1)
        return last is not None and (last == entry or (kind == _TIMED and last[0] == entry[0]))

    def _open(self, point, owner, kind, number):
        # Load the record that the freeze is in; where in it the freeze stands.
        # Of a kind that is only counted, None is the place of the next, and -1 the newest.
        place = 0 if kind >= _COUNTED else number % _PLACES[kind]
        record = self._record
        name = "%s%d-%d" % (_FILES[kind], point, place // _SEGMENT)
        # A block asks for many freezes of one record.
        if not self._is_kept or record.name != name or record.owner != owner:
            self._load(name, owner)
        if kind >= _COUNTED:
            place = record.sequence + (number or 0)
        return place % _SEGMENT * _SIZE

    def _load(self, name, owner):
        record = self._record
        self._is_kept = False
        record.name = name
        record.owner = owner
        if not record.load():
            if record.problem == UNANSWERED:
                raise OSError(_EIO)  # what it holds may well be sound, and is not written over
            if record.problem == FOREIGN:
                record.take_over()  # another meter hung at this point before
            record.sequence = 0
            for i in range(_PAYLOAD):
                record.payload[i] = 0
        self._is_kept = True
