"""machine.UART: received bytes come through a socket of its own (so that poll sees them), sent
ones go to the bench, which is the wire: it says when they have gone."""

import io
import select
import struct
import time

import _bench
import _pin
import _pose

_FIFO = 32
_sockets = {}
_uarts = {}


def attach(fds):
    for id in fds:
        _sockets[int(id)] = open(fds[id], "rb")
    _bench.handlers[_bench.TRANSMITTED] = _on_transmitted


def _on_transmitted(id, count):
    if id in _uarts:
        _uarts[id]._transmitted = count


class UART(io.IOBase):
    def __init__(self, id, *args, **kwargs):
        if id not in _sockets or id not in _pose.uarts:
            raise ValueError("UART(%r) doesn't exist" % (id,))
        self._id = id
        self._socket = _sockets[id]
        self._arrival = select.poll()
        self._arrival.register(self._socket, select.POLLIN)
        _bench.listen(self._arrival)
        # Counts of bytes, modulo 2**16.
        before = _uarts.get(id)
        self._written = before._written if before else 0
        self._transmitted = before._transmitted if before else 0
        if before:
            before._discard()
            _bench.keepers.remove(before)
        _bench.keepers.append(self)
        _uarts[id] = self
        self._baudrate, self._bits, self._parity, self._stop = 115200, 8, None, 1
        self._txbuf, self._rxbuf = 256, 256
        self._kept = None
        self._kept_start = self._kept_count = 0
        self._timeout, self._timeout_char = 0, 0
        self.init(*args, **kwargs)

    def init(
        self,
        baudrate=-1,
        bits=-1,
        parity=-1,
        stop=-1,
        *,
        tx=None,
        rx=None,
        cts=None,
        rts=None,
        timeout=-1,
        timeout_char=-1,
        invert=0,
        flow=0,
        txbuf=-1,
        rxbuf=-1,
    ):
        if invert or flow:
            raise ValueError("UART: neither inversion nor flow control is simulated")
        if _pose.pins_fixed and (tx is not None or rx is not None or txbuf != -1):
            raise TypeError("extra keyword arguments given")
        wanted = [(n, p if p is None else _pin.number(p)) for n, p in (("TX", tx), ("RX", rx))]
        _pose.pins(_pose.uarts, self._id, wanted)
        if 0 < min(txbuf, rxbuf) < _pose.uart_buffer_least:
            raise OSError(-258)  # the driver takes no such buffer
        if baudrate > 0:
            self._baudrate = baudrate
        if bits > 0:
            self._bits = bits
        if parity != -1:
            self._parity = parity
        if stop > 0:
            self._stop = stop
        if timeout >= 0:
            self._timeout = timeout
        if timeout_char >= 0:
            self._timeout_char = timeout_char
        self._timeout_char = max(self._timeout_char, 13000 // self._baudrate + 1)
        if txbuf > 0:
            self._txbuf = max(txbuf, _FIFO)
        if rxbuf > 0:
            self._rxbuf = max(rxbuf, _FIFO)
        size = self._rxbuf + _FIFO
        if self._kept is None or len(self._kept) != size:
            self._discard()
            # What `any` has counted and nobody has read.
            self._kept = memoryview(bytearray(size))
        self._tell_bench(self._baudrate)

    def deinit(self):
        self.flush()
        self._tell_bench(0)

    def _tell_bench(self, baudrate):
        parity = 0 if self._parity is None else 2 - (self._parity & 1)
        settings = struct.pack(
            "<IBBBH", baudrate, self._bits, parity, self._stop, self._rxbuf + _FIFO
        )
        _bench.send_data(_bench.UART_SETTINGS, self._id, settings)

    def any(self):
        _bench.pump()
        if not self._kept_count:
            self._kept_start = 0
        end = self._kept_start + self._kept_count
        if end < len(self._kept):
            self._kept_count += self._receive(self._kept[end:])
        return self._kept_count

    def _receive(self, view):
        n = self._socket.readinto(view)
        if n == 0 and len(view):
            raise _bench.Gone
        return n or 0

    def _take(self, view):
        """Bytes that are there now into `view`."""
        n = min(self._kept_count, len(view))
        if n:
            view[:n] = self._kept[self._kept_start : self._kept_start + n]
            self._kept_start += n
            self._kept_count -= n
        else:
            n = self._receive(view)
        if n:
            _bench.send(_bench.RECEIVED, self._id, n)
        return n

    def _discard(self):
        while self._kept and self.any():
            _bench.send(_bench.RECEIVED, self._id, self._kept_count)
            self._kept_count = 0

    def has_kept(self):
        return self._kept_count > 0

    def read(self, n=-1):
        if n < 0:
            return self._read_all()
        data = bytearray(n)
        n = self.readinto(data)
        return None if n is None else bytes(memoryview(data)[:n])

    def _read_all(self):
        data = b""
        while True:
            part = self.read(256)
            if part is None:
                return data or None
            data += part

    def readinto(self, buf, n=-1):
        view = memoryview(buf)
        size = len(view) if n < 0 else min(n, len(view))
        if not size:
            return 0
        got = 0
        timeout = self._timeout
        while got < size:
            n = self._take(view[got:size])
            if n:
                got += n
                timeout = self._timeout_char
            elif not self._wait_for_byte(timeout):
                break
        _bench.pump()
        return got or None

    def readline(self):
        line = b""
        while not line.endswith(b"\n"):
            char = self.read(1)
            if char is None:
                break
            line += char
        return line or None

    def _readable(self, wait_ms):
        ready = self._kept_count > 0
        for stream, _ in self._arrival.ipoll(0 if ready else wait_ms):
            if stream is self._socket:
                ready = True
        return ready

    def _wait_for_byte(self, timeout):
        end = time.ticks_add(time.ticks_ms(), timeout)
        while True:
            left = time.ticks_diff(end, time.ticks_ms())
            if self._readable(_bench.until_alarm(max(left, 0))):
                return True
            if left <= 0:
                return False
            _bench.pump()

    def write(self, data):
        view = memoryview(data)
        size = len(view)
        sent = 0
        end = time.ticks_add(time.ticks_ms(), self._timeout)
        while sent < size:
            room = self._txbuf + _FIFO - self._in_flight()
            if room > 0:
                part = view[sent : sent + room]
                self._written = (self._written + len(part)) & 0xFFFF
                _bench.send_data(_bench.TRANSMIT, self._id, part)
                sent += len(part)
                end = time.ticks_add(time.ticks_ms(), self._timeout + self._timeout_char)
            elif time.ticks_diff(end, time.ticks_ms()) <= 0:
                break
            else:
                _bench.wait(1)
        return sent or None

    def _in_flight(self):
        _bench.pump()
        return (self._written - self._transmitted) & 0xFFFF

    def txdone(self):
        return not self._in_flight()

    def flush(self):
        while self._in_flight():
            _bench.wait(10)

    def ioctl(self, request, arg):
        if request == 10:
            # A real descriptor: asyncio sleeps until there is something in it.
            return self._socket.fileno()
        if request == 3:
            ready = arg & select.POLLOUT
            if arg & select.POLLIN and self._readable(0):
                ready |= select.POLLIN
            return ready
        if request == 1:
            self.flush()
            return 0
        return -1

    def __repr__(self):
        return "UART(%d, baudrate=%d, bits=%d, parity=%s, stop=%d)" % (
            self._id,
            self._baudrate,
            self._bits,
            self._parity,
            self._stop,
        )
