"""Asking a bus at one line setting: requests again where nothing sound is heard, and the frames
in what is heard, found by the firmware's own framer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from converter.link.framer import Framer

from sibiao.bus.wire import Wire
from sibiao.sim.wire import NS_PER_MS, byte_time_ns

_QUIET_BYTES = 4
_QUIET_MS = 50
_ROOM = 300  # of the framer: the longest frame and what stands before it
_PREAMBLE = 0xFE

SOUND, REFUSED = 1, 2  # verdicts of every link's accept()
PATIENCE = 2  # more tries with a meter that is known to be there


@dataclass
class Heard:
    """What one request brought: sound answers and refusals, no two alike, and all its bytes."""

    raw: bytes
    answers: list[bytes] = field(default_factory=list)
    refusals: list[bytes] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        return not self.raw

    @property
    def garbled(self) -> bool:
        """Something answers, and it cannot be understood."""
        return bool(self.raw) and not self.answers and not self.refusals


class Talk:
    """`spent(ms)` is called after each exchange with what it takes when nobody answers."""

    def __init__(
        self,
        wire: Wire,
        baud: int,
        parity: str,
        tries: int,
        spent: Callable[[float], None] = lambda ms: None,
    ):
        self.baud, self.parity, self.tries = baud, parity, tries
        self.byte_ms = byte_time_ns(baud, parity) / NS_PER_MS
        self._wire = wire
        self._spent = spent

    def cost_ms(self, request_bytes: int, answer_ms: float, answer_bytes: int) -> float:
        return (request_bytes + answer_bytes) * self.byte_ms + answer_ms

    def ask(
        self,
        request: bytes,
        answer_ms: float,
        answer_bytes: int,
        frame_len: Callable,
        accept: Callable,
        tries: int | None = None,
    ) -> Heard:
        """`answer_ms`: until the answer begins at the latest; `answer_bytes`: the longest."""
        frame = request.lstrip(bytes([_PREAMBLE]))
        limit_ms = round(answer_ms + answer_bytes * self.byte_ms) + 1
        quiet_ms = round(_QUIET_MS + _QUIET_BYTES * self.byte_ms)
        heard = Heard(b"")
        for _ in range(tries or self.tries):
            raw = self._wire.exchange(request, self.baud, self.parity, limit_ms, quiet_ms)
            self._spent(self.cost_ms(len(request), answer_ms, answer_bytes))
            # Garbage of an earlier try is not forgotten because a later one is silent.
            heard = sorted_out(raw, frame, frame_len, accept) if raw else heard
            if heard.answers or heard.refusals:
                break
        return heard


def sorted_out(raw: bytes, request: bytes, frame_len: Callable, accept: Callable) -> Heard:
    heard = Heard(raw)
    for frame in frames(raw, frame_len):
        verdict = accept(request, frame)
        kept = {SOUND: heard.answers, REFUSED: heard.refusals}.get(verdict)
        if kept is not None and frame not in kept:
            kept.append(frame)
    return heard


def frames(raw: bytes, frame_len: Callable) -> list[bytes]:
    framer = Framer(frame_len, _ROOM)
    found = []
    for byte in raw:
        framer.get_buffer()[0] = byte
        framer.buffer_updated(1)
        while (frame := framer.next_frame(False)) is not None:
            found.append(bytes(frame))
    while (frame := framer.next_frame(True)) is not None:
        found.append(bytes(frame))
    return found
