"""Flow from pulses: the mean of the last window, falling honestly when pulses stay away."""

from micropython import const

_WINDOW_MS = const(10000)
_LONGEST_MS = const(0x1FFFFFFF)  # 6 days; stays a small number


class Flow:
    def __init__(self):
        self._count = 0  # pulses in the window that is open, which began with a pulse
        self._open_ms = -1  # how long it has been open, -1: no pulse yet
        self._mean_count = 0  # the last complete window
        self._mean_ms = 0
        self.quiet_s = 0  # since the last pulse or the start: months, where nobody lives
        self._quiet_ms = 0  # beside these, less than a second

    def step(self, pulses, elapsed_ms):
        # pulses: forwards since the last call, elapsed_ms ago.
        quiet_ms = self._quiet_ms + elapsed_ms
        self.quiet_s += quiet_ms // 1000
        self._quiet_ms = quiet_ms % 1000
        if self._open_ms >= 0:
            self._open_ms = min(self._open_ms + elapsed_ms, _LONGEST_MS)
        if not pulses:
            return
        self.quiet_s = self._quiet_ms = 0
        if self._open_ms < 0:
            self._open_ms = 0
            return
        self._count += pulses
        if self._open_ms >= _WINDOW_MS:
            self._mean_count = self._count
            self._mean_ms = self._open_ms
            self._count = 0
            self._open_ms = 0

    def pulses_per_h(self, num, den):
        # Pulses an hour times num / den, whole; None until a window is full. After the last
        # pulse no more can flow than would just not have made the next one.
        if not self._mean_ms:
            return None
        count = self._mean_count
        span_ms = self._mean_ms
        quiet_ms = self.quiet_s * 1000 + self._quiet_ms
        if quiet_ms * count > span_ms:
            count = 1
            span_ms = quiet_ms
        return count * num * 3600000 // (span_ms * den)
