"""Reports: the active-report status word (annex A, table A.6) and the events that wait.

04001501 is read, 04001503 written, which acknowledges: a 0 takes back what was told of that bit.
No password is asked, as meters do it, unless the uplink says so. E0005000 is ours. Read: events
that wait (2), lost unread (3), and of the oldest its number (5), code (2), detail (2), time ss mm
hh DD MM YY or FF (6), value (5), since (5), all BCD. Written with that number (5): acknowledged.
"""

import struct

from micropython import const

from converter.codec import bcd
from converter.link import dlt645
from converter.model import calendar
from converter.station.dlt645 import NO_DATA, NOT_MINE, OTHER

_WRITE_DATA = const(0x14)
STATUS = const(0x04001501)
RESET = const(0x04001503)
EVENTS = const(0xE0005000)

_WORD = const(12)
_WRITTEN = const(12)  # of the data, after identifier, password and operator code


class Service:
    controls = bytes((dlt645.READ_DATA, _WRITE_DATA))
    broadcast = False
    shift = 0x33

    def __init__(self, node, separated, level):
        # separated: AA before and after the counters of the status word, as some readers want it.
        # level: of the password that acknowledges, 0: none is looked at.
        self._node = node  # its reports() come later
        self._separated = separated
        self._level = level

    def handle(self, who, frame, out):
        n = frame[dlt645.LENGTH]
        if n < 4:
            return NOT_MINE
        for i in range(dlt645.DATA, dlt645.DATA + min(n, _WRITTEN + _WORD)):
            out[i] = (frame[i] - 0x33) & 0xFF
        di = struct.unpack_from("<I", out, dlt645.DATA)[0]
        if frame[dlt645.CONTROL] == _WRITE_DATA:
            return self._write(di, n, out)
        if di == STATUS:
            return self._tell(out) if n == 4 else -OTHER
        if di == EVENTS:
            return 4 + put_oldest(self._node.reports(), out, dlt645.DATA + 4) if n == 4 else -OTHER
        return NOT_MINE

    def _tell(self, out):
        at = dlt645.DATA + 4
        length = self._node.reports().tell(out, at)
        if not self._separated:
            return 4 + length
        for i in range(at + length, at + _WORD, -1):
            out[i] = out[i - 1]
        out[at + _WORD] = out[at + length + 1] = 0xAA
        return 4 + length + 2

    def _write(self, di, n, out):
        if di not in (RESET, EVENTS):
            return NOT_MINE
        at = dlt645.DATA + _WRITTEN
        if self._level and n >= _WRITTEN:
            refused = self._node.refusal(self._level, out[at - 8], bytes(out[at - 7 : at - 4]))
            if refused:
                return -refused
        try:
            if di == RESET:
                if n != _WRITTEN + _WORD:
                    return -OTHER
                self._node.reports().clear(out, at)
                return 0
            number = bcd.decode(out, at, 5) if n == _WRITTEN + 5 else None
            if number is None:
                return -OTHER
            return 0 if self._node.reports().acknowledge(number) else -NO_DATA
        except OSError:
            return -OTHER  # not durable, so not acknowledged


def put_oldest(reports, out, at):
    # What E0005000 answers; its length.
    found = reports.oldest()
    bcd.encode(min(reports.waiting, 9999), out, at, 2)
    bcd.encode(min(reports.lost, 999999), out, at + 2, 3)
    if not found:
        return 5
    number, (code, detail, _, time_s, value, since_s) = found
    bcd.encode(number, out, at + 5, 5)
    bcd.encode(code, out, at + 10, 2)
    bcd.encode(detail, out, at + 12, 2)
    moment = calendar.from_seconds(time_s) if time_s else None
    for i in range(6):
        if moment:
            bcd.encode(moment[5 - i] % 100, out, at + 14 + i, 1)
        else:
            out[at + 14 + i] = 0xFF
    bcd.encode(value, out, at + 20, 5)
    bcd.encode(since_s, out, at + 25, 5)
    return 30
