"""Events sent unasked, oldest first, each until it is acknowledged. Ours, no standard's.

The frame is an answer's: control 86H, identifier E0005001, how often this event was sent before
(1, BCD), then what E0005000 answers. It is acknowledged as that is: by a write of its number.
"""

from micropython import const

from converter.link import dlt645
from converter.station.report import put_oldest

_CONTROL = const(0x86)
_DI = b"\x01\x50\x00\xe0"
_FIRST_S = const(10)
_LONGEST_S = const(3600)


class Spontaneous:
    def __init__(self, reports, address, now_s, seed):
        # reports: store.told. address: 6 bytes. now_s(): the uptime. seed: of this board: where
        # the power comes back to a whole house, no two speak at once.
        self._reports = reports
        self._address = address
        self._chance = seed & 0xFFFFFF
        self._number = -1  # of the event that is being told
        self._times = 0
        self.down = True  # set while there is nobody to hear
        self._now_s = now_s
        self._due_s = 0

    def frame(self, out):
        # To be called in silence, each second or so, while there is somebody to hear: the length
        # of what is put into out, or 0.
        found = self._reports.oldest()
        if not found:
            return 0
        if self.down or found[0] != self._number:
            # What waited while the way was down begins late by chance, what follows goes at once.
            self._wait(_FIRST_S if self.down else 0)
            self.down = False
            self._number = found[0]
            self._times = 0
        if self._now_s() < self._due_s:
            return 0
        try:
            if not self._reports.send(found[0]):
                self._times = max(self._times, 1)  # by us, or before a restart
        except OSError:
            self._wait(_FIRST_S)
            return 0  # what could go out twice as new does not go out
        out[dlt645.ADDRESS : dlt645.ADDRESS + 6] = self._address
        out[dlt645.DATA : dlt645.DATA + 4] = _DI
        out[dlt645.DATA + 4] = self._times // 10 << 4 | self._times % 10
        self._times = min(self._times + 1, 99)
        self._wait(min(_FIRST_S << min(self._times, 9), _LONGEST_S))
        return dlt645.close(out, 0, _CONTROL, 5 + put_oldest(self._reports, out, dlt645.DATA + 5))

    def _wait(self, span_s):
        # Half of it at least, and by chance up to all.
        self._chance = self._chance * 1103 + 12345 & 0xFFFFFF
        half_s = span_s // 2
        self._due_s = self._now_s() + half_s + ((self._chance >> 8) * (half_s + 1) >> 16)
