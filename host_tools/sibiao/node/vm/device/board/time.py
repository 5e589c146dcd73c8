"""MicroPython's own `time`, with sleeps in which interrupts arrive and with the board's clock.

`asyncio` takes its ticks from here too, so this must be imported before it.
"""

import sys

_path = sys.path[:]
sys.path[:] = []
import time as _builtin  # noqa: E402
from time import *  # noqa: E402, F403

sys.path[:] = _path

# Nanoseconds from the computer's clock to the board's; machine.RTC moves it.
rtc_offset_ns = 0


def sleep_ms(ms):
    import _bench

    end = _builtin.ticks_add(_builtin.ticks_ms(), int(ms))
    while True:
        left = _builtin.ticks_diff(end, _builtin.ticks_ms())
        _bench.wait(left if left > 0 else 0)
        if left <= 0:
            return


def sleep_us(us):
    # A millisecond is the shortest wait in which the bench is listened to.
    if us >= 1000:
        sleep_ms(us // 1000)
    _builtin.sleep_us(us % 1000)


def stop_us(us):
    """As while the flash is busy: nothing arrives."""
    _builtin.sleep_us(us)


def sleep(seconds):
    sleep_ms(int(seconds * 1000))


def now_us():
    """For simulated hardware: microseconds that neither wrap nor are set."""
    return _builtin.time_ns() // 1000


def time_ns():
    return _builtin.time_ns() + rtc_offset_ns


def time():
    return time_ns() // 1000000000


def localtime(seconds=None):
    return _builtin.gmtime(time() if seconds is None else seconds)[:8]


gmtime = localtime
