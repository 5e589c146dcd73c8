"""Simulated meters on one bus, at the far end of one `Line`: what is common to every link.

Meters that answer at the same time are superposed bit by bit, as on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sibiao.node.contract import Clock, Line
from sibiao.sim.wire import NS_PER_S, byte_time_ns

_SAMPLES = 8  # of each bit, where answers are superposed

Settings = tuple[int, str]  # baud and parity


@dataclass(frozen=True)
class Reply:
    """What a meter sends. `checksum_at` says where in `data` its checksum stands (None: it has
    none), `stranger` what a meter of another number sends at such a request."""

    data: bytes
    delay_ns: int
    checksum_at: int | None = None
    stranger: bytes = b""
    after: Callable[[], None] | None = None  # called when its last byte has left


class Meter(Protocol):
    """A slave: it is given every byte of the bus and says what it sends when, if anything."""

    name: str
    echoes: bool  # its interface gives every byte back to the sender
    home: Settings
    fall_back_ns: int | None  # when it goes home, while it is at another rate

    def settings(self, now_ns: int) -> Settings: ...

    def hear(self, byte: int, now_ns: int) -> list[Reply]: ...


class Bus:
    """Meters on a line. `baud_told` is the rate at which the master sends, for a line that can
    tell: then a meter hears it at its own rate only. Otherwise the line follows the meter that
    was told to change its rate, or the first: those at other settings hear nothing then. On a
    line without a rate (`any_rate`) all hear everything."""

    def __init__(
        self,
        clock: Clock,
        line: Line,
        meters: Iterable[Meter],
        *,
        baud_told: Callable[[], int] | None = None,
        any_rate: bool = False,
        on_send: Callable[[bytes], None] | None = None,
    ):
        self.meters = list(meters)
        self._clock = clock
        self._line = line
        self._baud_told = baud_told
        self._any_rate = any_rate
        self._on_send = on_send
        self._set: Settings | None = None
        self._watching = False
        self._home = self.meters[0].home
        self._follow()
        line.on_byte = self._on_byte

    @property
    def settings(self) -> Settings:
        """What the line is set to now."""
        return self._set

    def _follow(self) -> None:
        now_ns = self._clock.now_ns
        wanted = [m.settings(now_ns) for m in self.meters]
        if self._baud_told:
            baud = self._baud_told()
            there = [s for s in wanted if s[0] == baud] or [(baud, self._home[1])]
        else:
            there = [s for s, m in zip(wanted, self.meters, strict=True) if s != m.home]
        chosen = there[0] if there else self._home
        if chosen != self._set:
            self._set = chosen
            self._line.settings(*chosen)

    def _on_byte(self, byte: int) -> None:
        now_ns = self._clock.now_ns
        self._follow()
        replies = []
        for meter in self.meters:
            if self._any_rate or meter.settings(now_ns) == self._set:
                if meter.echoes:
                    self._line.send(bytes([byte]))
                replies += meter.hear(byte, now_ns)
        self._watch()
        for group in together(replies, byte_time_ns(*self._set)):
            self._clock.call_later(group[0].delay_ns, lambda group=group: self._send(group))

    def _send(self, group: list[Reply]) -> None:
        data = group[0].data if len(group) == 1 else superposed(group, *self._set)
        self._line.send(data)
        if self._on_send:
            self._on_send(data)
        took_ns = len(data) * byte_time_ns(*self._set)
        for reply in group:
            if reply.after:
                self._clock.call_later(took_ns, lambda reply=reply: self._done(reply))

    def _done(self, reply: Reply) -> None:
        reply.after()
        self._follow()
        self._watch()

    def _watch(self) -> None:
        """A meter that changed its rate goes back by itself when nobody speaks to it there."""
        away = [m.fall_back_ns for m in self.meters if m.fall_back_ns is not None]
        if away and not self._watching:
            self._watching = True
            self._clock.call_later(min(away) - self._clock.now_ns, self._look)

    def _look(self) -> None:
        self._watching = False
        self._follow()
        self._watch()


def together(replies: list[Reply], byte_ns: int) -> list[list[Reply]]:
    """Replies by the time they begin, those that overlap on the wire in one group."""
    groups: list[list[Reply]] = []
    end_ns = 0
    for reply in sorted(replies, key=lambda r: r.delay_ns):
        if groups and reply.delay_ns < end_ns:
            groups[-1].append(reply)
        else:
            groups.append([reply])
            end_ns = 0
        end_ns = max(end_ns, reply.delay_ns + len(reply.data) * byte_ns)
    return groups


def superposed(group: list[Reply], baud: int, parity: str) -> bytes:
    """What a receiver makes of several senders: a space (0) of any of them hides a mark."""
    sample_ns = NS_PER_S / baud / _SAMPLES
    first_ns = group[0].delay_ns
    level = bytearray()
    for reply in group:
        at = round((reply.delay_ns - first_ns) / sample_ns)
        bits = [b for byte in reply.data for b in _bits(byte, parity)]
        level.extend(b"\x01" * (at + len(bits) * _SAMPLES - len(level)))
        for k, bit in enumerate(bits):
            if not bit:
                begin = at + k * _SAMPLES
                level[begin : begin + _SAMPLES] = bytes(_SAMPLES)
    return _received(level, parity)


def _bits(byte: int, parity: str) -> list[int]:
    check = [] if parity == "N" else [byte.bit_count() & 1 ^ (parity == "O")]
    return [0, *(byte >> i & 1 for i in range(8)), *check, 1]


def _received(level: bytearray, parity: str) -> bytes:
    out = bytearray()
    length = 10 if parity == "N" else 11
    level.extend(b"\x01" * length * _SAMPLES)
    at = level.find(0)
    while at >= 0:
        middle = at + _SAMPLES // 2
        if level[middle]:  # no start bit, only a spike
            at = level.find(0, middle)
            continue
        out.append(sum(level[middle + (1 + i) * _SAMPLES] << i for i in range(8)))
        stop = middle + (length - 1) * _SAMPLES
        idle = level.find(1, stop)  # after a stop bit that was none, the line must rise first
        at = level.find(0, idle) if idle >= 0 else -1
    return bytes(out)
