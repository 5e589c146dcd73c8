"""One direction of a serial line: bytes take their time on it, and the receiver samples bits.

Between equal settings a byte arrives as it was sent. Otherwise the waveform is drawn and sampled
in the middle of the receiver's bits, which makes the garbage and framing errors of a real line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from sibiao.node.virtual_clock import VirtualClock
from sibiao.node.vm.loop import Loop

Parity = Literal["N", "E", "O"]


@dataclass(frozen=True)
class LineSettings:
    baud: int
    parity: Parity = "E"
    bits: int = 8
    stop: int = 1

    @property
    def bit_ns(self) -> float:
        return 1e9 / self.baud

    @property
    def char_bits(self) -> int:
        return 1 + self.bits + (self.parity != "N") + self.stop

    @property
    def char_ns(self) -> int:
        return round(self.char_bits * self.bit_ns)

    def parity_bit(self, byte: int) -> int:
        return byte.bit_count() & 1 ^ (self.parity == "O")

    def levels(self, byte: int) -> list[int]:
        byte &= (1 << self.bits) - 1
        parity = [] if self.parity == "N" else [self.parity_bit(byte)]
        return [0, *(byte >> i & 1 for i in range(self.bits)), *parity, *[1] * self.stop]


@dataclass(frozen=True)
class Character:
    """What a receiver makes of a character; `is_break` when the line was low throughout."""

    byte: int
    parity_error: bool = False
    framing_error: bool = False
    is_break: bool = False

    @property
    def is_clean(self) -> bool:
        return not (self.parity_error or self.framing_error)


class Sampler:
    """A receiver fed with the waveform."""

    def __init__(self, settings: LineSettings):
        self._settings = settings
        self._now_ns = 0.0
        self._start_ns: float | None = None
        self._sampled: list[int] = []
        self._high_seen = True

    def feed(self, level: int, span_ns: float) -> Iterator[Character]:
        since_ns, self._now_ns = self._now_ns, self._now_ns + span_ns
        while True:
            if self._start_ns is None:
                self._high_seen = self._high_seen or level == 1
                if level == 1 or not self._high_seen:
                    return
                self._start_ns = since_ns
                self._high_seen = False
            middle_ns = self._start_ns + (len(self._sampled) + 0.5) * self._settings.bit_ns
            if middle_ns >= self._now_ns:
                return
            self._sampled.append(level)
            # One stop bit is enough for a receiver; a start bit gone by its middle was none.
            if self._sampled == [1] or len(self._sampled) == self._needed:
                sampled, self._sampled, self._start_ns = self._sampled, [], None
                if len(sampled) > 1:
                    yield self._character(sampled)

    @property
    def _needed(self) -> int:
        return self._settings.char_bits - self._settings.stop + 1

    def _character(self, sampled: list[int]) -> Character:
        settings = self._settings
        byte = sum(bit << i for i, bit in enumerate(sampled[1 : 1 + settings.bits]))
        has_parity = settings.parity != "N"
        return Character(
            byte,
            parity_error=has_parity and sampled[1 + settings.bits] != settings.parity_bit(byte),
            framing_error=not sampled[-1],
            is_break=not any(sampled),
        )


class Wire:
    """`arrived` is called with each character when it is complete, `idle` when all have gone.

    `sender` and `receiver` may be changed at any time; without a receiver characters are lost.
    """

    def __init__(
        self,
        loop: Loop | VirtualClock,
        arrived: Callable[[Character], None],
        idle: Callable[[], None],
    ):
        self.sender: LineSettings | None = None
        self._receiver: LineSettings | None = None
        self._sampler: Sampler | None = None
        self._loop = loop
        self._arrived = arrived
        self._idle = idle
        self._queue = bytearray()
        self._end_ns = 0
        self.gone = 0
        self._epoch = 0

    @property
    def receiver(self) -> LineSettings | None:
        return self._receiver

    @receiver.setter
    def receiver(self, settings: LineSettings | None) -> None:
        self._receiver = settings
        self._sampler = Sampler(settings) if settings else None

    def send(self, data: bytes) -> None:
        if not data:
            return
        busy = bool(self._queue)
        self._queue += data
        if not busy:
            self._start_next(max(self._loop.now_ns, self._end_ns))

    def reset(self) -> None:
        """The sender has stopped dead."""
        self._queue.clear()
        self._epoch += 1
        self.gone = 0

    def _start_next(self, start_ns: int) -> None:
        if self._sampler and start_ns > self._end_ns:
            self._take(1, start_ns - self._end_ns)
        self._end_ns = start_ns + self.sender.char_ns
        self._call_at(self._end_ns, self._complete)

    def _call_at(self, time_ns: int, callback: Callable[[], None]) -> None:
        epoch = self._epoch
        self._loop.call_at(time_ns, lambda: callback() if epoch == self._epoch else None)

    def _complete(self) -> None:
        byte = self._queue.pop(0)
        self.gone = (self.gone + 1) & 0xFFFF
        try:
            if self.sender == self._receiver:
                self._arrived(Character(byte))
            elif self._sampler:
                for level in self.sender.levels(byte):
                    self._take(level, self.sender.bit_ns)
        finally:
            # The line goes on, whatever the one at its end thinks of the byte.
            self._after_byte()

    def _after_byte(self) -> None:
        if self._queue:
            self._start_next(self._end_ns)
            return
        if self._sampler and self.sender != self._receiver:
            # A slower receiver is still in the middle of its character.
            self._call_at(self._end_ns + self._receiver.char_ns, self._stay_high)
        self._idle()

    def _stay_high(self) -> None:
        if not self._queue and self._sampler:
            now_ns = self._loop.now_ns
            self._take(1, now_ns - self._end_ns)
            self._end_ns = now_ns

    def _take(self, level: int, span_ns: float) -> None:
        for character in self._sampler.feed(level, span_ns):
            self._arrived(character)
