"""Tells what passes on the lines, for who listens at the console: only as long as somebody keeps
asking for it (app.seldom loads it; what a port offers is put back afterwards).

One line a run of bytes: `sibiao {"tap": LINE, "sent": 0 or 1, "now": TICKS, "first": MS,
"last": MS, "hex": …}`; LINE: 0 the uplink, 1 and on the buses; MS before now its first byte was
found (sent: began), its last one. `{"lost": BYTES}` when there was no room. Nothing is printed
while a port is at work.
"""

import asyncio
import time
from binascii import hexlify

from micropython import const

_SIZE = const(1024)
_HEAD = const(10)  # LINE * 2 + sent, bytes, first and last in ticks_ms
_MOST = const(255)
_JOIN_MS = const(30)  # a longer pause begins a new run
_STEP_MS = const(40)
_STUCK_MS = const(100)  # who does not take what is printed must not hold the lines up
_LONGEST_S = const(60)


def begin(node, seconds):
    # Begun, or made to go on for so long; 0 ends it. "new": what passed before was not told.
    if not 0 <= seconds <= _LONGEST_S:
        raise ValueError
    tap = getattr(node, "tap", None)
    new = tap is None
    if new:
        tap = node.tap = _Tap(node)
        asyncio.create_task(tap.run())
    tap.end_ms = time.ticks_add(time.ticks_ms(), seconds * 1000)
    return {"tapping": seconds, "new": new}


class _Heard:
    # A framer to a port that reads into it: what it gets is noted.
    def __init__(self, tap, line):
        self._tap = tap
        self._line = line
        self.framer = None
        self._room = None

    def get_buffer(self):
        self._room = self.framer.get_buffer()
        return self._room

    def buffer_updated(self, n):
        now = time.ticks_ms()
        self._tap.note(self._line * 2, self._room[:n], now, now)
        self.framer.buffer_updated(n)


class _Tap:
    def __init__(self, node):
        self._node = node
        self.end_ms = 0
        self._held = bytearray(_SIZE)
        self._run = 0  # where the last run begins
        self._end = 0
        self._lost = 0
        self._ports = [node.port] + [bus.port for bus in node.buses]
        for line in range(len(self._ports)):
            self._listen(line, self._ports[line])

    def _listen(self, line, port):
        # Instead of what its class has.
        take, read, send = port.take, port.read, port.send
        heard = _Heard(self, line)

        def noted_take(framer):
            heard.framer = framer
            return take(heard)

        def noted_read(view):
            n = read(view)
            now = time.ticks_ms()
            self.note(line * 2, view[:n], now, now)
            return n

        async def noted_send(data, meanwhile=None):
            now = time.ticks_ms()
            last = time.ticks_add(now, len(data) * port.byte_us // 1000)
            self.note(line * 2 + 1, data, now, last)
            await send(data, meanwhile)

        port.take, port.read, port.send = noted_take, noted_read, noted_send

    def note(self, kind, data, first, last):
        held = self._held
        for byte in data:
            run = self._run
            if (
                not self._end
                or held[run] != kind
                or held[run + 1] == _MOST
                or time.ticks_diff(first, _ticks(held, run + 6)) > _JOIN_MS
            ):
                run = self._end
                if run + _HEAD >= _SIZE:
                    self._lost += 1
                    continue
                self._run = run
                self._end = run + _HEAD
                held[run] = kind
                held[run + 1] = 0
                _keep(held, run + 2, first)
            if self._end == _SIZE:
                self._lost += 1
                continue
            held[self._end] = byte
            self._end += 1
            held[run + 1] += 1
            _keep(held, run + 6, last)

    async def run(self):
        try:
            while time.ticks_diff(self.end_ms, time.ticks_ms()) > 0:
                await asyncio.sleep_ms(_STEP_MS)
                if not self._tell():
                    break
        finally:
            # What is deleted stays in its slot of the dictionary, where it would hold all of this.
            self._node.tap = None
            del self._node.tap
            for port in self._ports:
                port.take = port.read = port.send = None
                del port.take, port.read, port.send

    def _tell(self):
        # False when nobody takes it.
        held, end = self._held, self._end
        at = self._run = self._end = 0
        now = time.ticks_ms()
        while at < end:
            n = held[at + 1]
            data = at + _HEAD
            print(
                'sibiao {"tap": %d, "sent": %d, "now": %d, "first": %d, "last": %d, "hex": "%s"}'
                % (
                    held[at] >> 1,
                    held[at] & 1,
                    now,
                    time.ticks_diff(now, _ticks(held, at + 2)),
                    time.ticks_diff(now, _ticks(held, at + 6)),
                    str(hexlify(memoryview(held)[data : data + n]), "ascii"),
                )
            )
            at = data + n
            if time.ticks_diff(time.ticks_ms(), now) > _STUCK_MS:
                return False
        if self._lost:
            print('sibiao {"lost": %d}' % self._lost)
            self._lost = 0
        return True


def _keep(held, at, ms):
    for i in range(4):
        held[at + i] = ms >> 8 * i & 0xFF


def _ticks(held, at):
    return held[at] | held[at + 1] << 8 | held[at + 2] << 16 | held[at + 3] << 24
