"""The node's civil time: uptime plus an offset that a person or a clock chip has set.

Unknown until then, and 0 stands for unknown: the first second of 2000 is long gone. A step in
time is answered to the caller, who makes an event of it; without one, now_s() never runs back.
"""

from micropython import const

UNKNOWN = const(0)

# Two clocks that show whole seconds may differ by one and mean the same; one more is the drift of
# a crystal in some hours.
_TOLERANCE_S = const(2)


class Clock:
    def __init__(self):
        self.valid = False
        self._offset_s = 0  # civil time when the uptime was 0
        self._shown_s = 0  # the latest time told since the last step

    def now_s(self, uptime_s):
        # Seconds since 2000 (model.calendar), or UNKNOWN.
        if not self.valid:
            return UNKNOWN
        now = uptime_s + self._offset_s
        if now < self._shown_s:
            return self._shown_s  # set back by less than a step: wait until it is reached again
        self._shown_s = now
        return now

    def set(self, seconds, uptime_s):
        # Set by somebody, to a time that calendar.to_seconds() gave. The answer is the step in
        # seconds, 0 included, or None when the time was unknown before.
        step = seconds - self.now_s(uptime_s) if self.valid else None
        self._offset_s = seconds - uptime_s
        self._shown_s = 0
        self.valid = True
        return step

    def follow(self, rtc_s, uptime_s):
        # To be called at least every few hours with the chip's time, None when it is not to be
        # trusted. The answer is as of set(), and 0 while all is well: drift is no step.
        if rtc_s is None:
            return 0  # the crystal goes on alone
        if self.valid:
            drift = rtc_s - uptime_s - self._offset_s
            if -_TOLERANCE_S <= drift <= _TOLERANCE_S:
                self._offset_s += drift
                return 0
        return self.set(rtc_s, uptime_s)
