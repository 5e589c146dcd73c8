"""Reading 11H and following up 12H (clauses 7.1, 7.2): which identifier is which value.

The data identifiers are data (station.rows). DI0, DI1 or DI2 = FF is the block of all that it
stands for. In a block FF bytes are what is unknown; what is longer than a frame is followed up, as
it was when the first frame was asked.
"""

from micropython import const

from converter.codec import bcd
from converter.codec.scale import rescale
from converter.link import dlt645
from converter.model import quantity
from converter.station import sources
from converter.station.dlt645 import FOLLOWS, NO_DATA, OTHER
from converter.station.rows import (
    ALL,
    ALONE,
    ALSO,
    BACK,
    BY_POINT,
    BYTES,
    ROW,
    SIGNED,
    SOURCES,
    VALUE,
)

_LOAD_RECORDS = const(0x06)
_AT = const(14)  # where values begin
END = const(209)  # and end: L <= 200 with the SEQ behind them


class Service:
    controls = bytes((dlt645.READ_DATA, dlt645.READ_MORE))
    broadcast = False
    shift = 0x33

    def __init__(self, node, table, texts):
        # table: rows as above. texts: ASCII, for rows that name one by its place.
        self.node = node
        self.table = table
        self.texts = texts
        self.end = END  # of the values in this answer; a seal needs room, too
        self.time_s = self.now_s = 0  # when the answer was asked for: since 2000, and uptime
        # Of each station, what is being followed up: [DI, time, uptime, SEQ, from which item on,
        # from which after it (0: that was all), counted freezes]. What fits one frame leaves it as
        # it is: somebody else may have asked for that.
        self._begun = [None] * len(node.points)

    def handle(self, who, frame, out):
        length = frame[dlt645.LENGTH]
        if length < 4:
            return -OTHER
        for i in range(dlt645.DATA, _AT):
            out[i] = (frame[i] - 0x33) & 0xFF
        if frame[dlt645.CONTROL] == dlt645.READ_MORE:
            if length != 5:
                return -OTHER
            return self._follow(who, (frame[_AT] - 0x33) & 0xFF, out)
        if out[_AT - 1] == _LOAD_RECORDS and length in (4, 5, 10):
            return 4  # with how many and from when, or without: there are none
        if length != 4:
            return -OTHER
        self.time_s, self.now_s = self.node.time_s(), self.node.now_s()
        if out[_AT - 4] != ALL and out[_AT - 3] != ALL and out[_AT - 2] != ALL:
            return self._put_all(who, out, False, 0, None)
        counted = self.node.freezer.counted
        asked = [bytes(out[dlt645.DATA : _AT]), self.time_s, self.now_s, 0, 0, 0, counted]
        length = self._put_all(who, out, True, 0, asked)
        if length >= FOLLOWS:
            self._begun[who] = asked
        return length

    def _follow(self, who, seq, out):
        # The frame of that number: the next one, or the last one again.
        begun = self._begun[who]
        if begun is None or begun[0] != bytes(out[dlt645.DATA : _AT]):
            return -NO_DATA
        if begun[6] != self.node.freezer.counted:
            return -NO_DATA  # a freeze has moved those before it: the block is another one
        if seq == begun[3] + 1 and begun[5]:
            begun[3] = seq
            begun[4] = begun[5]
        elif not seq or seq != begun[3]:
            return -OTHER
        self.time_s, self.now_s = begun[1], begun[2]
        length = self._put_all(who, out, True, begun[4], begun)
        out[dlt645.DATA + length % FOLLOWS] = seq
        return length + 1

    def _put_all(self, who, out, is_block, start, asked):
        # One value, or of a block the items from `start` on that a frame holds.
        table = self.table
        of_all, di0 = out[_AT - 4] == ALL, out[_AT - 4]
        at = _AT
        item = 0
        known = False
        for row in range(0, len(table), ROW):
            if table[row + 3] != out[_AT - 1]:
                continue
            flags = table[row + 8]
            if flags & ALSO or (is_block and flags & ALONE) or not self._is_asked(row, out):
                continue
            top = table[row + 9]
            if of_all:
                first, last = (1, top) if flags & BACK else (0, top >> 1)
            else:
                first = last = di0 - table[row]
            width = table[row + 5] & BYTES
            for back in range(first, last + 1):
                if item >= start:
                    n = 6 if back and not flags & BACK else width
                    if at + n > self.end:
                        asked[5] = item
                        return at - dlt645.DATA + FOLLOWS
                    error = self._put(who, row, back, out, at)
                    if not is_block:
                        return error or 4 + n
                    if error:
                        for i in range(at, at + n):
                            out[i] = 0xFF
                    else:
                        known = True
                    at += n
                item += 1
        if asked:
            asked[5] = 0
        return at - dlt645.DATA if known or start else -NO_DATA

    def _is_asked(self, row, out):
        table = self.table
        flags = table[row + 8]
        di1, di2 = out[_AT - 3], out[_AT - 2]
        if di1 not in (ALL, table[row + 1]):
            return False
        if di2 == ALL if flags & BY_POINT else di2 not in (ALL, table[row + 2]):
            return False
        back = out[_AT - 4] - table[row]
        if back == ALL - table[row]:
            return True
        if flags & BACK:
            return 1 <= back <= table[row + 9]
        return back == 0 or (back == 1 and table[row + 9] > 0)

    def _put(self, who, row, back, out, at):
        # 0, or an error word, negative.
        table = self.table
        if table[row + 8] & BY_POINT and out[_AT - 2]:
            who = out[_AT - 2] if who == 0 and out[_AT - 2] < len(self.node.points) else -1
        if who < 0:
            return -NO_DATA
        while True:
            if table[row + 8] & SOURCES == VALUE and not back:
                error = self._put_value(self.node.points[who], row, out, at)
            else:
                error = sources.put(self, who, row, back, out, at)
            if error != -NO_DATA:
                return error
            code = table[row + 4]
            while True:
                row += ROW
                if row == len(table) or not table[row + 8] & ALSO:
                    return error
                # While the value of a quantity that the point has is unknown, no other quantity
                # is to be mistaken for it.
                if table[row + 4] == code or self.node.points[who].slot(code) < 0:
                    break

    def _put_value(self, point, row, out, at):
        table = self.table
        code = table[row + 4]
        n = table[row + 5] & BYTES
        if code == quantity.ADDRESS:
            out[at : at + 6] = point.address
            return 0
        if code == quantity.STATUS:
            return 0 if bcd.encode(point.status, out, at, n) else -OTHER
        slot = point.slot(code)
        # An unknown value, or one in another unit than the identifier promises, is no data.
        if slot < 0 or point.value(slot) is None or point.unit(slot) != table[row + 7]:
            return -NO_DATA
        return self.put_number(row, point.value(slot), point.exponent(slot), out, at)

    def put_number(self, row, value, exponent, out, at):
        table = self.table
        value = rescale(value, exponent, table[row + 6] - 16)
        put = bcd.encode_signed if table[row + 5] & SIGNED else bcd.encode
        # A value that does not fit is an error, never a truncated number.
        return 0 if put(value, out, at, table[row + 5] & BYTES) else -OTHER
