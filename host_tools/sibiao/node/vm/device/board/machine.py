"""`machine` of a simulated RP2040 board: what the bench on the host can see, drive and enforce."""

import sys

_path = sys.path[:]
sys.path[:] = []
from machine import PinBase, Signal  # noqa: E402, F401

sys.path[:] = _path

import struct  # noqa: E402
import time  # noqa: E402

import _bench  # noqa: E402
import _pose  # noqa: E402
from _adc import ADC  # noqa: E402, F401
from _i2c import I2C  # noqa: E402, F401
from _pin import Pin  # noqa: E402, F401
from _timer import Timer  # noqa: E402, F401
from _uart import UART  # noqa: E402, F401

PWRON_RESET = 1
WDT_RESET = 3

_reset_cause = PWRON_RESET
_unique_id = b""
_freq_hz = 125000000


def attach(cause, unique_id, scratch):
    """What the bench says of this start."""
    global _reset_cause, _unique_id
    _reset_cause = cause
    _unique_id = unique_id
    mem32._words = scratch


class WDT:
    def __init__(self, id=0, timeout=5000):
        if id != 0:
            raise ValueError("WDT(%r) doesn't exist" % (id,))
        most_ms = _pose.watchdog_most_ms
        if most_ms and timeout > most_ms:
            raise ValueError("timeout exceeds %d" % most_ms)
        _bench.send(_bench.WATCHDOG, 0, timeout)

    def feed(self):
        _bench.send(_bench.FEED)


class RTC:
    def memory(self, data=None):
        if not _pose.rtc_memory:
            raise AttributeError("'RTC' object has no attribute 'memory'")
        if data is None:
            return b"".join(struct.pack("<I", word) for word in mem32._words)
        for place in range(0, len(data), 4):
            mem32._set(place // 4, struct.unpack_from("<I", data, place)[0])

    def datetime(self, new=None):
        if new is None:
            y, mo, d, h, mi, s, weekday, _ = time.localtime()
            return (y, mo, d, weekday, h, mi, s, 0)
        y, mo, d, _, h, mi, s = new[:7]
        seconds = time.mktime((y, mo, d, h, mi, s, 0, 0))
        time.rtc_offset_ns = int(seconds) * 1000000000 - time._builtin.time_ns()
        _bench.send_data(_bench.CLOCK, 0, struct.pack("<q", time.rtc_offset_ns))


class _Mem32:
    """The registers that outlive a reset only: other addresses are not simulated, and say so."""

    def _index(self, address):
        for index, known in enumerate(_pose.retained):
            if known == address:
                return index
        raise ValueError("mem32[0x%08x] is not simulated" % address)

    def __getitem__(self, address):
        return self._words[self._index(address)]

    def __setitem__(self, address, word):
        self._set(self._index(address), word)

    def _set(self, index, word):
        self._words[index] = word & 0xFFFFFFFF
        _bench.send_data(_bench.SCRATCH, index, struct.pack("<I", self._words[index]))


mem32 = _Mem32()


def reset():
    _bench.send(_bench.RESET)
    while True:
        time._builtin.sleep_ms(1000)


def soft_reset():
    sys.exit()


def reset_cause():
    return _reset_cause


def unique_id():
    return _unique_id


def freq(hz=None):
    global _freq_hz
    if hz is None:
        return _freq_hz
    _freq_hz = hz


def idle():
    _bench.wait(1)


def disable_irq():
    state = _bench.irq_enabled
    _bench.irq_enabled = False
    return state


def enable_irq(state=True):
    _bench.irq_enabled = state
    _bench.pump()
