"""The converter as a collector behind a CSG communication module: its frames besides those of
DL/T 645, on one line. The module asks; a meter that says nothing is answered with nothing.
"""

import struct

from micropython import const

from converter.link import cjt188, csg, dlt645
from converter.station import cjt188_pass
from converter.station.dlt645 import JOB

_ACK = const(0x00)
_MANAGE = const(0x21)
_PASS = const(0x22)
_VERSION = const(0x23)

_ACKNOWLEDGED = const(0xEA010001)  # data: seconds to wait (2)
_DENIED = const(0xEA010002)  # data: why (1)
_COUNT = const(0xEA062101)
_LIST = const(0xEA042102)  # data: first (from 0), how many
_LISTED = const(0xEA032102)  # data: how many, addresses
_OWN_ADDRESS = const(0xEA062103)
_PROBE = const(0xEA052104)  # data: how many, addresses
_PROBING = const(0xEA062105)
_TO_METER = const(0xEA042201)  # data: length (2), frame
_FROM_METER = const(0xEA032201)
_WHO = const(0xEA002301)

_MOST_LISTED = const(32)
_MOST_PROBED = const(16)

# Why a request is denied.
_BAD_LENGTH = const(-2)
_NO_SUCH_DI = const(-4)
_BAD_FORMAT = const(-5)
_SILENT = const(-256)


class Collector:
    MAX_FRAME = csg.MAX_FRAME

    def __init__(self, station, node, identity):
        # station: answers DL/T 645. identity: data of EA002301.
        self._station = station
        self._node = node
        self._identity = identity
        self._asked = None  # a frame 22H that a job is out for
        self._by_station = False  # whose the job is
        self.job = None

    @property
    def silent(self):
        return self._station.silent

    @silent.setter
    def silent(self, silent):
        self._station.silent = silent

    def frame_len(self, buf, start, end):
        # For the framer. Allocates nothing.
        n = dlt645.frame_len(buf, start, end)
        return n if n > 0 else max(n, csg.frame_len(buf, start, end))

    def is_ours(self, frame):
        if _is_dlt645(frame):
            return self._station.is_ours(frame)
        return bool(frame[csg.CONTROL] & csg.STARTED)

    def handle(self, frame, out):
        # As station.dlt645. Whom a frame of the module addresses is not looked at: nobody else is
        # on this line.
        self._asked = None
        if _is_dlt645(frame):
            n = self._station.handle(frame, out)
            if n == JOB:
                self.job = self._station.job
            return n
        if self.silent or not frame[csg.CONTROL] & csg.STARTED:
            return 0
        at = csg.body(frame)
        afn = frame[at]
        di = struct.unpack_from("<I", frame, at + 2)[0]
        data = frame[at + csg.DATA : len(frame) - 2]
        at += csg.DATA
        if afn == _PASS:
            length = self._pass(frame, di, data, out, at)
            if length == JOB:
                return JOB
            di = _FROM_METER
        elif afn == _MANAGE:
            length = self._manage(di, data, out, at)
            if di == _LIST:
                di = _LISTED
            elif di == _PROBE and length == 2:
                afn, di = _ACK, _ACKNOWLEDGED
        elif afn == _VERSION and di == _WHO:
            length = _put(out, at, self._identity) if not data else _BAD_LENGTH
        else:
            length = _NO_SUCH_DI
        if length == _SILENT:
            return 0
        if length < 0:
            afn, di = _ACK, _DENIED
            out[at] = -length
            length = 1
        return csg.answer(frame, out, afn, di, length)

    def complete(self, job, heard, out):
        asked = self._asked
        if asked is None:
            return self._station.complete(job, heard, out)
        at = csg.body(asked) + csg.DATA
        if self._by_station:
            n = self._station.complete(job, heard, memoryview(out)[at + 2 :])
        else:
            frame = cjt188_pass.answer(job, heard)
            n = _put(out, at + 2, frame) if frame else 0
        if not n:
            return 0
        struct.pack_into("<H", out, at, n)
        return csg.answer(asked, out, _PASS, _FROM_METER, n + 2)

    def _pass(self, asked, di, data, out, at):
        # A frame for one of our addresses is answered by our own station.
        if di != _TO_METER:
            return _NO_SUCH_DI
        n = len(data) - 2
        if n < 1 or n != data[0] | data[1] << 8:
            return _BAD_LENGTH
        start = 2
        while start < n and data[start] == 0xFE:
            start += 1
        frame = data[start:]
        self._by_station = _is_dlt645(frame)
        if self._by_station:
            n = self._station.handle(frame, memoryview(out)[at + 2 :])
            if n == JOB:
                self._asked = asked
                self.job = self._station.job
                return JOB
            struct.pack_into("<H", out, at, n)
            return n + 2 if n else _SILENT
        if cjt188.frame_len(frame, 0, len(frame)) != len(frame):
            return _BAD_FORMAT
        self.job = cjt188_pass.job(self._node.jobs, frame)
        if self.job is None:
            return _SILENT
        self._asked = asked
        return JOB

    def _manage(self, di, data, out, at):
        points = self._node.points
        if di == _PROBE:
            # Our points are known: nothing is probed, and that takes no time.
            count = data[0] if len(data) else 0
            if not 1 <= count <= _MOST_PROBED:
                return _BAD_FORMAT
            return _put(out, at, b"\0\0") if len(data) == 1 + 6 * count else _BAD_LENGTH
        if di == _LIST:
            if len(data) != 2:
                return _BAD_LENGTH
            first, count = data[0], data[1]
            if first >= _MOST_LISTED or not 1 <= count <= _MOST_LISTED:
                return _BAD_FORMAT
            listed = points[1 + first : 1 + first + count]
            out[at] = len(listed)
            for i in range(len(listed)):
                _put(out, at + 1 + 6 * i, listed[i].address)
            return 1 + 6 * len(listed)
        if di not in (_COUNT, _OWN_ADDRESS, _PROBING):
            return _NO_SUCH_DI
        if data:
            return _BAD_LENGTH
        if di == _OWN_ADDRESS:
            return _put(out, at, points[0].address)
        out[at] = len(points) - 1 if di == _COUNT else 0
        return 1


def _is_dlt645(frame):
    return dlt645.frame_len(frame, 0, len(frame)) == len(frame)


def _put(out, at, data):
    out[at : at + len(data)] = data
    return len(data)
