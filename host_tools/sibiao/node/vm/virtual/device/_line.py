"""One UART's wire and the receiver's buffer, between the board's UART and a far end.

Bytes take their time at the far end's settings; an end with other settings hears garbage. The far
end has `hear(data, start_us, byte_us)`, called when the board begins to send.
"""

import io
import select
import struct

import _bench

import _chip
import _clock

_EVEN = 2  # as in the message UART_SETTINGS
_PARITY_BITS = {0: 0, 1: 1, _EVEN: 1}


class Line(io.IOBase):
    """For the board's UART it is the socket that received bytes come through."""

    def __init__(self, index, baud=2400, parity=_EVEN):
        self.due_us = _clock.FAR_US  # the next byte from the far end is complete
        self.far = None
        self.overruns = 0
        self._index = index
        self.far_settings(baud, parity)
        self._own_settings = None
        self._own_byte_us = 0
        self._room = 0
        self._coming = b""
        self._came = 0
        self._received = bytearray()
        self._untaken = 0  # also counts what the UART has counted and nobody has read
        self._sent = 0
        self._free_us = 0
        self._in_flight = False
        _clock.add(self)

    def send(self, data):
        """The far end sends, from now on, or after what it is sending. When its last byte is
        complete, if it was silent, comes back."""
        if self.due_us != _clock.FAR_US:
            self._coming += data
            return
        self._coming = data
        self._came = 0
        self.due_us = _clock.now_us + self.byte_us
        _clock.replan()
        return _clock.now_us + len(data) * self.byte_us

    def fire(self):
        byte = self._coming[self._came]
        self._came += 1
        more = self._came < len(self._coming)
        self.due_us = self.due_us + self.byte_us if more else _clock.FAR_US
        if self._own_settings is None:
            return
        if self._own_settings != self._far_settings:
            byte ^= 0x55
        if self._untaken < self._room:
            self._untaken += 1
            self._received.append(byte)
        else:
            self.overruns += 1
        _clock.woken = True

    def far_settings(self, baud, parity):
        """parity: 0 none, 1 odd, 2 even."""
        self._far_settings = (baud, 8, parity, 1)
        self.byte_us = _byte_us(self._far_settings)

    # What the board's UART asks of its socket, and tells the bench.

    def readinto(self, view):
        n = min(len(view), len(self._received))
        if not n:
            return None
        view[:n] = self._received[:n]
        self._received = self._received[n:]
        return n

    def ioctl(self, request, arg):
        if request == 3:
            return arg & 1 if self._received else 0
        return -1

    def fileno(self):
        return -1

    def taken(self, count):
        self._untaken -= count

    def settings(self, message):
        baud, bits, parity, stop, self._room = struct.unpack("<IBBBH", message)
        self._own_settings = (baud, bits, parity, stop) if baud else None
        if baud:
            self._own_byte_us = _byte_us(self._own_settings)

    def transmit(self, data):
        data = bytes(data)
        if self._own_settings != self._far_settings:
            data = bytes(byte ^ 0x55 for byte in data)
        start_us = max(_clock.now_us, self._free_us)
        self._free_us = start_us + len(data) * self._own_byte_us
        self._sent = (self._sent + len(data)) & 0xFFFF
        self._in_flight = True
        if self.far:
            self.far.hear(data, start_us, self._own_byte_us)

    def tell_transmitted(self):
        if self._in_flight:
            left_us = max(0, self._free_us - _clock.now_us)
            left = -(-left_us // self._own_byte_us)
            self._in_flight = left > 0
            _bench.handlers[_bench.TRANSMITTED](self._index, (self._sent - left) & 0xFFFF)


def _byte_us(settings):
    baud, bits, parity, stop = settings
    return (1 + bits + _PARITY_BITS[parity] + stop) * 1000000 // baud


class _Select:
    """`select` for the board's UART: waiting for a line takes virtual time."""

    POLLIN = select.POLLIN
    POLLOUT = select.POLLOUT

    class poll:
        def register(self, line, events):
            self._line = line

        def ipoll(self, ms):
            until_us = _clock.now_us + ms * 1000
            while not self._line.ioctl(3, select.POLLIN) and _clock.now_us < until_us:
                _clock.idle_until(until_us)
                _clock.look()
            return ((self._line, select.POLLIN),) if self._line.ioctl(3, select.POLLIN) else ()


def connect(uarts, uart_module):
    """A line for each UART; they are given to the board's UART as its sockets."""
    for index in uarts:
        _chip.lines[index] = uart_module._sockets[index] = Line(index)
    uart_module.select = _Select
    _bench.handlers[_bench.TRANSMITTED] = uart_module._on_transmitted
    return _chip.lines
