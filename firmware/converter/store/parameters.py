"""What has been written into the converter from outside, on one durable record.

Payload, low byte first: passwords of level 02 and 04 (3 each); wrong ones in a row (1), locked
(1), wrong ones in all (4); where accepted counters of sealed requests end (4), key (16), whether
there is one (1); day since 2000 of the last broadcast time (2); then what is in force instead of
the configuration as long as that says what it said then, the configured before the written: baud
codes (2), settlement day and hour (4); pattern of timed freezes (1 + 3); 3 spare; sixteen station
addresses (12 each). Blank is a new converter: passwords 000000, no key.
"""

import struct

from micropython import const

from converter.store.record import ABSENT, Record

_GUARD = const(6)
_SEALED = const(12)
_KEY = const(16)
_HAS_KEY = const(32)
_DAY = const(33)
_BAUD = const(35)
_SETTLEMENT = const(37)
_PATTERN = const(41)
_ADDRESSES = const(48)
_PAYLOAD = const(240)
_ENOSPC = const(28)

SIZE = const(256)  # bytes of the whole record


class Parameters:
    def __init__(self, keeper, owner):
        self._record = Record(keeper, "parameters", ((2, _PAYLOAD),), owner)

    def load(self):
        # None, or the record's problem.
        self._record.load()
        return self._record.problem

    @property
    def lost(self):
        # There are some, but not for us to know: nothing may be allowed by them.
        return self._record.problem not in (None, ABSENT)

    def start_anew(self):
        # Somebody has restored this node: passwords and all begin again.
        self._record.take_over()
        self._record.commit()

    def password(self, level):
        at = 0 if level == 2 else 3
        return bytes(self._record.payload[at : at + 3])

    def set_password(self, level, password):
        self._put(0 if level == 2 else 3, password)

    @property
    def guard(self):
        # (wrong passwords in a row, whether locked, wrong ones in all)
        return struct.unpack_from("<BBI", self._record.payload, _GUARD)

    def set_guard(self, wrong, locked, total):
        self._put(_GUARD, struct.pack("<BBI", min(wrong, 255), locked, total & 0xFFFFFFFF))

    @property
    def ceiling(self):
        # No counter from here on has been accepted.
        return struct.unpack_from("<I", self._record.payload, _SEALED)[0]

    def set_ceiling(self, ceiling):
        self._put(_SEALED, struct.pack("<I", ceiling))

    @property
    def key(self):
        # 16 bytes, or None.
        payload = self._record.payload
        return bytes(payload[_KEY:_HAS_KEY]) if payload[_HAS_KEY] else None

    def set_key(self, key):
        # Its counters begin anew.
        self._put(_SEALED, b"\0\0\0\0" + key + b"\1")

    @property
    def broadcast_day(self):
        return struct.unpack_from("<H", self._record.payload, _DAY)[0]

    def set_broadcast_day(self, day):
        self._put(_DAY, struct.pack("<H", day))

    def baud(self, configured):
        # Codes as in 17H; 0: the configured rate is in force.
        was, written = self._record.payload[_BAUD : _BAUD + 2]
        return written if was == configured else 0

    def set_baud(self, configured, written):
        self._put(_BAUD, bytes((configured, written)))

    def settlement(self, configured):
        # (day, hour) in force.
        day, hour, written_day, written_hour = self._record.payload[_SETTLEMENT:_PATTERN]
        if written_day and (day, hour) == configured:
            return written_day, written_hour
        return configured

    def set_settlement(self, configured, written):
        self._put(_SETTLEMENT, bytes(configured) + bytes(written))

    @property
    def pattern(self):
        # (day, hour, minute) of model.freezes, or None.
        there, day, hour, minute = self._record.payload[_PATTERN : _PATTERN + 4]
        return (day, hour, minute) if there else None

    def set_pattern(self, pattern):
        self._put(_PATTERN, b"\1" + bytes(pattern))

    def address(self, configured):
        # The station address in force.
        at = self._entry(configured)
        return bytes(self._record.payload[at + 6 : at + 12]) if at else configured

    def set_address(self, configured, address):
        at = self._entry(configured)
        if address == configured:
            if at:
                self._put(at, bytes(12))
            return
        at = at or self._entry(bytes(6))
        if not at:
            raise OSError(_ENOSPC)
        self._put(at, configured + address)

    def _entry(self, configured):
        for at in range(_ADDRESSES, _PAYLOAD, 12):
            if self._record.payload[at : at + 6] == configured:
                return at
        return 0

    def _put(self, at, data):
        # Durable when it returns; OSError when the keeper could not: then nothing has changed.
        payload = self._record.payload
        end = at + len(data)
        before = bytes(payload[at:end])
        if before == data:
            return
        payload[at:end] = data
        try:
            self._record.commit()
        except OSError:
            payload[at:end] = before
            raise
