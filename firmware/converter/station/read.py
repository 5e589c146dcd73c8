"""Reading 11H: which data identifier is which value of which point.

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
from converter.station.dlt645 import NO_DATA, OTHER

_ROW = const(8)
_SIGNED = const(0x80)
_BY_POINT = const(0x40)
_BYTES = const(0x3F)


class Service:
    controls = bytes((dlt645.READ_DATA,))
    broadcast = False
    shift = 0x33

    def __init__(self, node, table, serial):
        # table: rows as above. serial: the converter's serial number, ASCII.
        self._points = node.points
        self._table = table
        self._serial = serial

    def handle(self, who, frame, out):
        # Several rows may serve one identifier (the main index in m3 for water, in kWh for heat):
        # the first that the point has a value for, in that unit, answers.
        if frame[dlt645.LENGTH] != 4:
            return -OTHER
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
                    if length != -NO_DATA:
                        return length
        return -NO_DATA

    def _point(self, who, number):
        # Which point a DI2 means, or None.
        if number == 0:
            return self._points[who]
        return self._points[number] if who == 0 and number < len(self._points) else None

    def _put(self, point, row, out, at):
        code = self._table[row + 4]
        if point is None:
            return -NO_DATA
        if code == quantity.ADDRESS:
            out[at : at + 6] = point.address
            return 10
        n = self._table[row + 5] & _BYTES
        if code == quantity.STATUS:
            return 4 + n if bcd.encode(point.status, out, at, n) else -OTHER
        if code == quantity.SERIAL:
            return self._put_serial(out, at, n)
        return self._put_value(point, row, out, at)

    def _put_value(self, point, row, out, at):
        table = self._table
        slot = point.slot(table[row + 4])
        if slot < 0:
            return -NO_DATA
        value = point.value(slot)
        # An unknown value, or one in another unit than the identifier promises, is no data.
        if value is None or point.unit(slot) != table[row + 7]:
            return -NO_DATA
        value = rescale(value, point.exponent(slot), table[row + 6] - 16)
        n = table[row + 5] & _BYTES
        if table[row + 5] & _SIGNED:
            fits = bcd.encode_signed(value, out, at, n)
        else:
            fits = bcd.encode(value, out, at, n)
        # A value that does not fit is an error, never a truncated number.
        return 4 + n if fits else -OTHER

    def _put_serial(self, out, at, n):
        # ASCII, last character first, padded with zero bytes at the far end.
        serial = self._serial
        for i in range(n):
            k = len(serial) - 1 - i
            out[at + i] = serial[k] if k >= 0 else 0
        return 4 + n
