"""Raw bytes over a port: what is sent, and whatever is heard then, without its own echo."""

import asyncio
import time

from micropython import const

_STEP_MS = const(4)


class PassThrough:
    def __init__(self, port, data, into, beat):
        # data, into: memoryviews.
        self.count = 0  # bytes in `into`
        self._port = port
        self._data = data
        self._into = into
        self._beat = beat
        self._echoed = True  # all that was heard is the beginning of our own echo

    async def run(self, limit_ms, quiet_ms):
        # Ends when a byte was heard and then none for quiet_ms, limit_ms after the last byte sent,
        # or when `into` is full.
        port = self._port
        while port.read(self._into):
            pass
        await port.send(self._data, self._listen)
        start = heard_ms = time.ticks_ms()
        while self.count < len(self._into):
            now = time.ticks_ms()
            if self._listen():
                heard_ms = now
            elif self.count and not self._echoed and time.ticks_diff(now, heard_ms) >= quiet_ms:
                break
            if time.ticks_diff(now, start) >= limit_ms:
                break
            await asyncio.sleep_ms(_STEP_MS)

    def _listen(self):
        # Whether anything came.
        self._beat()
        before = self.count
        size = len(self._data)
        end = size if self._echoed else len(self._into)
        n = self._port.read(self._into[before:end])
        self.count += n
        if self._echoed:
            for i in range(before, before + n):
                if self._into[i] != self._data[i]:
                    self._echoed = False
                    break
            if self._echoed and self.count == size:
                self.count = 0
                self._echoed = False
        return n
