"""Events sent unasked, oldest first, each until it is acknowledged. Ours, no standard's.

The frame is an answer's: control 86H, identifier E0005001, how often this event was sent before
(1, BCD), then what E0005000 answers. It is acknowledged as that is: by a write of its number.
"""

import time

from micropython import const

from converter.link import dlt645
from converter.station.report import put_oldest

_CONTROL = const(0x86)
_DI = b"\x01\x50\x00\xe0"
_FIRST_S = const(10)
_LONGEST_S = const(3600)


class Spontaneous:
    def __init__(self, reports, address, module, seed):
        # address: 6 bytes. module: uplink.module, unbound while there is nobody to hear. seed:
        # of this board: in a house where the power comes back, no two speak at once.
        self._reports = reports
        self._address = address
        self._module = module
        self._chance = seed & 0xFFFFFF
        self._number = -1  # of the event that is being told
        self._times = 0
        self._down = True
        self._from_ms = 0
        self._wait_ms = 0

    def frame(self, out):
        # To be called in silence, each second or so: the length of what is put into out, or 0.
        now_ms = time.ticks_ms()
        if not self._module.bound:
            self._down = True
            return 0
        found = self._reports.oldest()
        if not found:
            return 0
        if self._down or found[0] != self._number:
            # What waited while the way was down begins late by chance, what follows goes at once.
            self._wait(now_ms, _FIRST_S if self._down else 0)
            self._down = False
            self._number = found[0]
            self._times = 0
        if time.ticks_diff(now_ms, self._from_ms) < self._wait_ms:
            return 0
        try:
            if not self._reports.send(found[0]):
                self._times = max(self._times, 1)  # by us, or before a restart
        except OSError:
            return 0  # what could go out twice as new does not go out
        out[dlt645.ADDRESS : dlt645.ADDRESS + 6] = self._address
        out[dlt645.DATA : dlt645.DATA + 4] = _DI
        out[dlt645.DATA + 4] = self._times // 10 << 4 | self._times % 10
        self._times = min(self._times + 1, 99)
        self._wait(now_ms, min(_FIRST_S << min(self._times, 9), _LONGEST_S))
        return dlt645.close(out, 0, _CONTROL, 5 + put_oldest(self._reports, out, dlt645.DATA + 5))

    def _wait(self, now_ms, span_s):
        # Half of it, and by chance up to all.
        self._chance = self._chance * 1103 + 12345 & 0xFFFFFF
        self._from_ms = now_ms
        self._wait_ms = span_s * 500 + (self._chance >> 8) * span_s * 500 // 0x10000
