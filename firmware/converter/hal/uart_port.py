"""A UART as a port for frames: 8 data bits, 1 stop bit, listening without burning the CPU."""

import asyncio
import time

import machine
from micropython import const

from converter.hal import chip

_STEP_MS = const(4)  # how often a begun frame is looked at: about one byte at 2400 baud
_LONGEST = const(288)  # bytes, more than any frame with its preamble
_QUIET_BYTES = const(3)  # a pause of this many byte times may be the end of a request
_PAUSE_MS = const(500)  # the longest pause between two bytes (DL/T 645-2007, 5.3.3)


class UartPort:
    def __init__(self, uart, tx, rx, baud, parity, rx_size, tx_size, direction=None, supply=None):
        # parity: None, 0 even or 1 odd. rx_size: what may come while a flash write stops the
        # CPU. tx_size: of the longest frame sent, so that send() need not wait to hand it over.
        # direction, supply: pins that are high while sending, and while the bus is powered.
        self._pins = tx, rx
        self._sizes = rx_size, tx_size
        self._direction = _output(direction)
        self._supply = _output(supply)
        self._uart = machine.UART(uart, **self._settings(baud, parity))
        self._stream = asyncio.StreamReader(self._uart)
        self.heard_ms = 0  # ticks_ms when the last byte was found
        self.wanted = False  # somebody waits for the port: do not begin anew what failed

    def _settings(self, baud, parity):
        self.line = baud, parity
        self.byte_us = (10 if parity is None else 11) * 1000000 // baud
        self._quiet_ms = _QUIET_BYTES * self.byte_us // 1000 + _STEP_MS
        # A byte counts when it is whole, and is found up to a step later.
        self._pause_ms = _PAUSE_MS + self.byte_us // 1000 + 2 * _STEP_MS
        tx, rx = self._pins
        rx_size, tx_size = self._sizes
        if chip.UART_BUFFER:
            rx_size, tx_size = max(rx_size, chip.UART_BUFFER), max(tx_size, chip.UART_BUFFER)
        if chip.PINS_FIXED:
            # Nor a buffer for sending: it waits until the last byte goes.
            return {
                "baudrate": baud,
                "bits": 8,
                "parity": parity,
                "stop": 1,
                "rxbuf": rx_size,
                "timeout": 0,
            }
        return {
            "baudrate": baud,
            "bits": 8,
            "parity": parity,
            "stop": 1,
            "tx": tx,
            "rx": rx,
            "rxbuf": rx_size,
            "txbuf": tx_size,
            "timeout": 0,
        }

    def set_line(self, baud, parity):
        # Between two exchanges: what has been received and not read is lost.
        if self.line != (baud, parity):
            self._uart.init(**self._settings(baud, parity))

    def power(self, on):
        # The supply of the bus, where the board can switch it: True when it can.
        if self._supply is None:
            return False
        self._supply.value(on)
        return True

    async def listen(self, framer, limit_ms, beat=None):
        # The next frame, or None when none began within limit_ms. One that is still coming in
        # then is waited for, but no longer than the longest frame takes: a line that never stops
        # babbling must not hold us. The frame lives until the next call. beat: of a task whose
        # frames may take longer than the supervisor waits.
        frame = framer.next_frame(False)
        start = time.ticks_ms()
        longest_ms = limit_ms + _LONGEST * self.byte_us // 1000
        searched = False  # whether the pause since the last byte was used to look inside
        while frame is None:
            if framer.pending:
                if time.ticks_diff(time.ticks_ms(), start) > longest_ms:
                    return None
                await asyncio.sleep_ms(_STEP_MS)
                if beat:
                    beat()
            else:
                left = limit_ms - time.ticks_diff(time.ticks_ms(), start)
                if left <= 0 or not await self._heard(left):
                    return None
            if self.take(framer):
                searched = False
                frame = framer.next_frame(False)
            else:
                quiet_ms = time.ticks_diff(time.ticks_ms(), self.heard_ms)
                if quiet_ms > self._pause_ms:
                    framer.clear()
                elif quiet_ms >= self._quiet_ms and not searched:
                    searched = True
                    frame = framer.next_frame(True)
        return frame

    def take(self, framer):
        # How many bytes were there now. Never asks for more: readinto would wait for them, and
        # with it everything else.
        total = 0
        while True:
            n = self._uart.any()
            if not n:
                if total:
                    self.heard_ms = time.ticks_ms()
                return total
            n = self._uart.readinto(framer.get_buffer(), n)
            framer.buffer_updated(n)
            total += n

    async def _heard(self, limit_ms):
        # Whether a byte arrived in time.
        if self._uart.any():
            return True
        try:
            await asyncio.wait_for_ms(self._readable(), limit_ms)
            return True
        except asyncio.TimeoutError:
            return False

    async def _readable(self):
        await self._stream.read(0)

    def drain(self, framer):
        # Forget what has been received: nothing of it answers what is sent next.
        while self.take(framer):
            pass
        framer.clear()

    def read(self, view):
        # Raw bytes that are there now; how many.
        n = min(self._uart.any(), len(view))
        return self._uart.readinto(view[:n]) if n else 0

    async def send(self, data, meanwhile=None):
        # Returns when the last byte has left. data: more than tx_size only as a memoryview.
        # meanwhile(): called while there is more than tx_size.
        direction = self._direction
        if direction is not None:
            direction.value(1)
        try:
            size = len(data)
            room = self._sizes[1]
            start = time.ticks_ms()
            sent = self._uart.write(data if size <= room else data[:room]) or 0
            while sent < size:
                await asyncio.sleep_ms(_STEP_MS)
                if meanwhile:
                    meanwhile()
                # No more than there is room for now: write would wait, and with it everything.
                gone = time.ticks_diff(time.ticks_ms(), start) * 1000 // self.byte_us
                end = min(size, gone + room)
                if end > sent:
                    sent += self._uart.write(data[sent:end]) or 0
            await asyncio.sleep_ms(min(size, room) * self.byte_us // 1000)
            while not self._uart.txdone():
                await asyncio.sleep_ms(1)
        finally:
            if direction is not None:
                direction.value(0)


def _output(gpio):
    return None if gpio is None else machine.Pin(gpio, machine.Pin.OUT, value=0)
