"""The converter as a DL/T 645-2007 station: which request is for us, and the answer to it.

The data identifiers are data. Each is a row of eight bytes: DI0 DI1 DI2 DI3 as on the wire,
quantity, format (bit 7: signed, bit 6: DI2 is the point number, low bits: bytes), exponent + 16,
base unit. Where DI2 is a point number, 0 is whoever was addressed, and 1.. are the points, asked
under the converter's own address.
"""

from micropython import const

from converter.codec import bcd
from converter.codec.scale import rescale
from converter.link import dlt645
from converter.model import quantity

_ROW = const(8)
_SIGNED = const(0x80)
_BY_POINT = const(0x40)
_BYTES = const(0x3F)

# Error word (annex C).
_OTHER = const(0x01)
_NO_DATA = const(0x02)

_NOBODY = const(-1)


class Station:
    def __init__(self, points, table, serial, bound):
        # points: the converter itself first, then its metering points. table: rows as above.
        # serial: the converter's serial number, ASCII. bound: index of the one station that
        # answers wildcards (the communication module binds a single address).
        self._points = points
        self._table = table
        self._serial = serial
        self._bound = bound
        self.silent = False  # records were lost: better no answer than a wrong one

    def handle(self, frame, out):
        # The answer to a sound frame, put into out: its length, 0 for silence. Never awaits.
        control = frame[dlt645.CONTROL]
        if control & dlt645.ANSWER or self.silent:
            return 0
        who = self._addressed(frame)
        if who == _NOBODY:
            return 0
        if control == dlt645.READ_ADDRESS:
            # Point-to-point with all-wildcard address only (clause 7.5); silent on errors.
            if frame[dlt645.LENGTH] or frame[dlt645.ADDRESS] != dlt645.WILDCARD:
                return 0
            out[dlt645.DATA : dlt645.DATA + 6] = self._points[who].address
            length = 6
        elif control == dlt645.READ_DATA:
            length = self._read(who, frame, out)
        elif control in (0x08, 0x15):
            return 0  # services that know no error answer
        else:
            length = -_OTHER
        if length < 0:
            out[dlt645.DATA] = -length
            length = 1
            control |= dlt645.ERROR
        out[dlt645.ADDRESS : dlt645.ADDRESS + 6] = self._points[who].address
        return dlt645.close(out, 0, control | dlt645.ANSWER, length)

    def _addressed(self, frame):
        # Index of the point that the frame is for. From some byte on, the remaining high bytes
        # may be AA (clause 5.2.2): such a wildcard is answered by the bound station only.
        n = 6
        while n and frame[dlt645.ADDRESS + n - 1] == dlt645.WILDCARD:
            n -= 1
        if n < 6:
            return self._bound if self._matches(self._bound, frame, n) else _NOBODY
        for i in range(len(self._points)):
            if self._matches(i, frame, 6):
                return i
        return _NOBODY

    def _matches(self, who, frame, n):
        address = self._points[who].address
        for i in range(n):
            if address[i] != frame[dlt645.ADDRESS + i]:
                return False
        return True

    def _read(self, who, frame, out):
        # Data length of the answer, or the error word negated. Several rows may serve one
        # identifier (the main index in m3 for water, in kWh for heat): the first that the point
        # has a value for, in that unit, answers.
        if frame[dlt645.LENGTH] != 4:
            return -_OTHER
        di = dlt645.DATA
        for i in range(di, di + 4):
            out[i] = (frame[i] - 0x33) & 0xFF
        table = self._table
        for row in range(0, len(table), _ROW):
            if (
                table[row] == out[di]
                and table[row + 1] == out[di + 1]
                and table[row + 3] == out[di + 3]
            ):
                by_point = table[row + 5] & _BY_POINT
                if by_point or table[row + 2] == out[di + 2]:
                    point = self._point(who, out[di + 2]) if by_point else self._points[who]
                    length = self._put(point, row, out, di + 4)
                    if length != -_NO_DATA:
                        return length
        return -_NO_DATA

    def _point(self, who, number):
        # Which point a DI2 means, or None.
        if number == 0:
            return self._points[who]
        return self._points[number] if who == 0 and number < len(self._points) else None

    def _put(self, point, row, out, at):
        code = self._table[row + 4]
        if point is None:
            return -_NO_DATA
        if code == quantity.ADDRESS:
            out[at : at + 6] = point.address
            return 10
        n = self._table[row + 5] & _BYTES
        if code == quantity.STATUS:
            return 4 + n if bcd.encode(point.status, out, at, n) else -_OTHER
        if code == quantity.SERIAL:
            return self._put_serial(out, at, n)
        return self._put_value(point, row, out, at)

    def _put_value(self, point, row, out, at):
        table = self._table
        slot = point.slot(table[row + 4])
        if slot < 0:
            return -_NO_DATA
        value = point.value(slot)
        # An unknown value, or one in another unit than the identifier promises, is no data.
        if value is None or point.unit(slot) != table[row + 7]:
            return -_NO_DATA
        value = rescale(value, point.exponent(slot), table[row + 6] - 16)
        n = table[row + 5] & _BYTES
        if table[row + 5] & _SIGNED:
            fits = bcd.encode_signed(value, out, at, n)
        else:
            fits = bcd.encode(value, out, at, n)
        # A value that does not fit is an error, never a truncated number.
        return 4 + n if fits else -_OTHER

    def _put_serial(self, out, at, n):
        # ASCII, last character first, padded with zero bytes at the far end.
        serial = self._serial
        for i in range(n):
            k = len(serial) - 1 - i
            out[at + i] = serial[k] if k >= 0 else 0
        return 4 + n
