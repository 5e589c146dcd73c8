"""The board's `time`, by the virtual clock. `asyncio` takes its ticks from here too."""

import sys

_path = sys.path[:]
sys.path[:] = []
from time import gmtime as _gmtime  # noqa: E402
from time import mktime  # noqa: E402, F401

sys.path[:] = _path

import _clock as _builtin  # noqa: E402
from _clock import (  # noqa: E402, F401
    sleep,
    sleep_ms,
    sleep_us,
    ticks_add,
    ticks_cpu,
    ticks_diff,
    ticks_ms,
    ticks_us,
)

# From power-on to the board's calendar, which begins in 2021; machine.RTC moves it.
rtc_offset_ns = 1609459200 * 1000000000


def now_us():
    """For simulated hardware: microseconds that neither wrap nor are set."""
    return _builtin.now_us


def time_ns():
    return _builtin.time_ns() + rtc_offset_ns


def time():
    return time_ns() // 1000000000


def localtime(seconds=None):
    return _gmtime(time() if seconds is None else seconds)[:8]


gmtime = localtime
