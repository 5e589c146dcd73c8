"""Addresses of meters that were exchanged, on a durable record: each in force as long as the
configuration says what it said then. A newly flashed address wins.

Payload: how many (1), then rows of point (1), CRC-32 of the configured address (4, low byte
first), length of the new one (1), the new one (13). An address is what app.meter_exchange makes of
it: as on the wire, of M-Bus the primary one before the secondary.
"""

import struct
from binascii import crc32

from micropython import const

from converter.store.record import FOREIGN, Record

NAME = "exchanged"
MOST = const(16)
LONGEST = const(13)
_ROW = const(19)
_ENOSPC = const(28)


class Exchanged:
    def __init__(self, keeper, owner):
        self._record = Record(keeper, NAME, ((2, 1 + MOST * _ROW),), owner)

    def load(self):
        # None, or the record's problem: then the configured addresses stand.
        self._record.load()
        return self._record.problem

    @property
    def is_foreign(self):
        return self._record.problem == FOREIGN

    def take_over(self):
        # Another board's begins anew, empty.
        self._record.take_over()
        self._record.payload[0] = 0
        self._record.commit()

    def address(self, point, configured):
        # The one in force instead of the configured one, or None.
        row = self._row(point)
        payload = self._record.payload
        if not row or struct.unpack_from("<I", payload, row + 1)[0] != _crc(configured):
            return None
        return bytes(payload[row + 6 : row + 6 + payload[row + 5]])

    def put(self, point, configured, address):
        # Durable when it returns; OSError when the keeper could not, or sixteen are kept: then
        # nothing has changed.
        payload = self._record.payload
        before = bytes(payload)
        row = self._row(point)
        if not row:
            if payload[0] == MOST:
                raise OSError(_ENOSPC)
            row = 1 + payload[0] * _ROW
            payload[0] += 1
        struct.pack_into("<BIB", payload, row, point, _crc(configured), len(address))
        payload[row + 6 : row + 6 + len(address)] = address
        try:
            self._record.commit()
        except OSError:
            payload[:] = before
            raise

    def _row(self, point):
        payload = self._record.payload
        for row in range(1, 1 + payload[0] * _ROW, _ROW):
            if payload[row] == point:
                return row
        return 0


def _crc(address):
    return crc32(address) & 0xFFFFFFFF
