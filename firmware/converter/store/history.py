"""Freezes on records: what the register said at each full hour, day, settlement, and when asked.

Each freeze has its own place, found from its number: the hour modulo 270, the day modulo 90, the
month and the year modulo 30. So a freeze that was missed is one whose place holds another
time: nothing has to be written for it, and none can be invented. Those that somebody asked for
stand newest first.
Entry, low byte first: time of the freeze in seconds since 2000 (4), value (8, signed), alarms that
were active and base unit (2), decimal exponent (1, signed), status of the point (1).
"""

import struct

from micropython import const

from converter.model.freezes import INSTANT
from converter.store.record import FOREIGN, Record
from converter.store.record import UNKNOWN as UNANSWERED

# Freezes that can be asked for: hourly, daily, monthly, yearly, instantaneous.
KEPT = (254, 62, 15, 1, 30)

_PLACES = (270, 90, 30, 30, 30)
_FILES = "hdmyi"
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
        self._reading = False  # the buffer holds what the last `get` loaded

    def put(self, point, owner, kind, number, entry):
        # entry: (time_s, value, alarms, exponent, status). Durable when it returns; OSError when
        # the keeper could not, or when a newer firmware wrote this record.
        self._reading = False
        at = self._open(point, owner, kind, number)
        payload = self._record.payload
        # One of the same second is this one, tried again.
        if kind == INSTANT and struct.unpack_from("<I", payload, at)[0] != entry[0]:
            for i in range(_PAYLOAD - 1, _SIZE - 1, -1):
                payload[i] = payload[i - _SIZE]
        struct.pack_into(_ENTRY, payload, at, *entry)
        self._record.commit()

    def get(self, point, owner, kind, number, time_s):
        # The entry of the freeze that was due at time_s, or None: it was missed. OSError when the
        # keeper cannot tell. An INSTANT one has no time_s; its number is how many are newer.
        at = self._open(point, owner, kind, number)
        self._reading = True
        entry = struct.unpack_from(_ENTRY, self._record.payload, at)
        if kind == INSTANT:
            return entry if entry[0] else None
        return entry if time_s and entry[0] == time_s else None

    def _open(self, point, owner, kind, number):
        # Load the record that the freeze is in; where in it the freeze stands.
        place = number % _PLACES[kind]
        record = self._record
        name = "%s%d-%d" % (_FILES[kind], point, place // _SEGMENT)
        # A block asks for many freezes of one record.
        if self._reading and record.name == name and record.owner == owner:
            return place % _SEGMENT * _SIZE
        self._reading = False
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
        return place % _SEGMENT * _SIZE
