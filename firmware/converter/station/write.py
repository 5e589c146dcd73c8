"""Writing 14H (clause 7.3): what may be written, by whom, and in which form.

What may be written is data. Each is a row of eight bytes: DI0 DI1 DI2 DI3 as on the wire, what
(model.change), level of the password (bit 7: DI2 is the point number, as in station.read), bytes
of the value, exponent + 16.
"""

from micropython import const

from converter.codec import bcd
from converter.link import dlt645
from converter.model import calendar, change
from converter.station.access import Changing
from converter.station.dlt645 import NO_DATA, OTHER, UNAUTHORISED

_ROW = const(8)
_BY_POINT = const(0x80)
_HEAD = const(12)  # DI, password, operator code
_LONGEST = const(50)  # clause 5.2.4
_ESAM = (0x98, 0x99)  # levels that only a security chip knows

_WINDOWED = (change.ADDRESS, change.DIAL)  # behind the seal: button or console


class Service(Changing):
    controls = bytes((dlt645.WRITE_DATA,))

    def __init__(self, node, table):
        # table: rows as above.
        super().__init__(node)
        self._table = table

    def handle(self, who, frame, out):
        data = dlt645.plain(frame)
        if not _HEAD <= len(data) <= _LONGEST:
            return -OTHER
        row, point = self._find(who, data)
        if row < 0:
            return -NO_DATA
        node, table = self._node, self._table
        what, level = table[row + 4], table[row + 5] & ~_BY_POINT
        if data[4] in _ESAM:
            return -UNAUTHORISED
        refused = node.refusal(level, data[4], data[5:8])
        if refused:
            return -refused
        if what in _WINDOWED and not node.access.is_open(node.now_s()):
            return -UNAUTHORISED
        if len(data) != _HEAD + table[row + 6]:
            return -OTHER
        by = data[4], int.from_bytes(data[8:12], "little")
        try:
            self._write(what, point, by, data[_HEAD:], table[row + 7] - 16)
            return 0
        except (ValueError, OSError):
            return -OTHER  # out of range, or it cannot be kept

    def _find(self, who, data):
        # (row, point), or (-1, 0).
        table = self._table
        for row in range(0, len(table), _ROW):
            if table[row : row + 2] == data[:2] and table[row + 3] == data[3]:
                if table[row + 5] & _BY_POINT:
                    number = data[2]
                    if number == 0:
                        return row, who
                    if who == 0 and number < len(self._node.points):
                        return row, number
                elif table[row + 2] == data[2]:
                    return row, who
        return -1, 0

    def _write(self, what, point, by, value, exponent):
        change_to = self._node.change
        if what == change.CLOCK:
            change_to("set_clock", by, _seconds(value, self._node.time_s()))
        elif what == change.ADDRESS:
            change_to("set_address", by, point, value, True)
        elif what == change.DIAL:
            index = _number(value, 0, len(value) - 1)
            change_to("set_dial", by, point, index, exponent, _number(value, len(value) - 1, 1))
        elif what == change.SETTLEMENT:
            change_to("set_settlement", by, _number(value, 1, 1), _number(value, 0, 1))
        elif _number(value, 0, len(value)) == 0:
            change_to("clear_alarms", by, point)
        else:
            raise ValueError


def _number(value, at, n):
    number = bcd.decode(value, at, n)
    if number is None:
        raise ValueError
    return number


def _seconds(value, now_s):
    # Of a date with weekday (4 bytes), a time (3), or both (7, time first). The weekday follows
    # from the date, and is not looked at.
    parts = list(calendar.from_seconds(now_s)) if now_s else None
    if len(value) == 7:
        parts = [0] * 6
    if not parts:
        raise ValueError  # half a time to an unknown one
    if len(value) != 4:
        for i in range(3):
            parts[5 - i] = _number(value, i, 1)
    if len(value) != 3:
        for i in range(3):
            parts[2 - i] = _number(value, len(value) - 3 + i, 1)
        parts[0] += 2000
    seconds = calendar.to_seconds(*parts)
    if seconds is None:
        raise ValueError
    return seconds
