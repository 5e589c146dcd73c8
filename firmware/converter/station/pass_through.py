"""Pass-through 1F/9F as terminals of 2016 do it (their "converter extension"): EXT, then DATA,
which is not shifted.

08  a whole CJ/T 188 frame without preamble; answered with the meter's frame
09  management of the archive (station.archive)
0B  bytes for a meter outside both standards, and whatever it answers

An error is answered with EXT + C0H alone; CBH, for 0B, is ours. Every other EXT is some other
party's use of 1F, a module's baud negotiation for one, and is met with silence: an answer could be
taken for consent.
"""

from micropython import const

from converter.link import cjt188, dlt645
from converter.station import cjt188_pass
from converter.station.dlt645 import JOB, SILENT

_CJT188 = const(0x08)
_ARCHIVE = const(0x09)
_OTHER = const(0x0B)
_ERROR = const(0xC0)
_AT = const(11)  # of DATA
_MOST = const(199)  # of DATA


class Service:
    controls = b"\x1f"
    broadcast = False
    shift = 0

    def __init__(self, node, polynomial):
        # polynomial: of the archive's CRC, reflected; 0: the CRC is unknown.
        self._node = node
        self._polynomial = polynomial
        self._ext = 0
        self.job = None

    def handle(self, who, frame, out):
        n = frame[dlt645.LENGTH]
        if not n:
            return SILENT
        ext = self._ext = frame[dlt645.DATA]
        data = frame[_AT : _AT + n - 1]
        if ext == _CJT188:
            self.job = None
            if data and cjt188.frame_len(data, 0, n - 1) == n - 1:
                self.job = cjt188_pass.job(self._node.jobs, data)
        elif ext == _OTHER:
            where = self._node.jobs("transparent", who)
            self.job = where + (bytes(data), None) if where and data else None
        elif ext == _ARCHIVE:
            return self._answer(self._node.jobs("manage", data, out, _AT, self._polynomial), out)
        else:
            return SILENT
        return JOB if self.job else self._answer(0, out)

    def complete(self, job, heard, out):
        if self._ext == _CJT188:
            heard = cjt188_pass.answer(job, heard)
        n = len(heard) if heard else 0
        if n > _MOST:
            n = 0  # a part would be taken for the whole
        out[_AT : _AT + n] = heard[:n] if n else b""
        return self._answer(n, out)

    def _answer(self, n, out):
        out[dlt645.DATA] = self._ext if n else self._ext | _ERROR
        return n + 1
