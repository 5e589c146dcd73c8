"""Blocks of cases, each from its own seed: the same cases whatever process runs them."""

from __future__ import annotations

import signal
import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from converter.link.framer import Framer

from tests.fuzz import mutate
from tests.fuzz.meter_target import MeterTarget
from tests.fuzz.station_target import StationTarget
from tests.fuzz.target import Target, must

TARGETS = {"dlt645": StationTarget, "cjt188": MeterTarget}
BLOCK = 1000  # cases
_BLOCK_LIMIT_S = 120  # a block takes less than a second
_FRAMES_A_CASE = 40
_CHUNKS = (1, 1, 2, 3, 5, 8, 16, 32, 300)


class Hung(Exception):
    """A block did not end."""


@dataclass(frozen=True)
class Finding:
    """Enough to run the case again: `run_block(link, seed, block)`."""

    link: str
    seed: int
    block: int
    case: int
    sent: str
    what: str


@dataclass
class Outcome:
    cases: int = 0
    sent_bytes: int = 0
    found: int = 0  # frames that the framer handed out of damaged transmissions
    compared: int = 0  # cases whose frames were compared one by one with the checker's
    seen: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.cases += other.cases
        self.sent_bytes += other.sent_bytes
        self.found += other.found
        self.compared += other.compared
        self.seen += other.seen
        self.findings += other.findings


def run_block(link: str, seed: int, block: int, cases: int = BLOCK) -> Outcome:
    target = TARGETS[link]()
    return Block(target, Random(f"{seed} {link} {block}")).run(link, seed, block, cases)


class Block:
    """One framer and one target for all its cases, as on the device."""

    def __init__(self, target: Target, draw: Random):
        self._target = target
        self._draw = draw
        self._framer = Framer(target.frame_len, target.buffer_size)
        self._sent = b""
        self.outcome = Outcome()

    def run(self, link: str, seed: int, block: int, cases: int) -> Outcome:
        outcome = self.outcome
        with _time_limit():
            for case in range(cases):
                try:
                    self._case()
                except Exception:
                    sent = self._sent.hex(" ").upper()
                    what = traceback.format_exc(limit=-3)
                    outcome.findings.append(Finding(link, seed, block, case, sent, what))
                    return outcome
                outcome.cases += 1
        outcome.seen = self._target.seen
        return outcome

    def _case(self) -> None:
        draw, target = self._draw, self._target
        target.begin(draw)
        sound = target.sound(draw)
        self._sent = sent = self._damaged(sound)
        pauses = draw.random() < 0.2
        found = self._feed(sent, pauses)
        found += self._drain(idle=True)
        self.outcome.sent_bytes += len(sent)
        self.outcome.found += len(found)
        for frame in found:
            must(target.shape.sound_at(frame, 0) == frame, f"false accept of {frame.hex()}")
        if pauses:
            self._must_be_in_order(found, sent)
        else:
            self.outcome.compared += 1
            must(found == target.shape.frames(sent), "not the frames that were sent")
        # The line rests longer than a frame may pause; then all is well again.
        self._framer.clear()
        must(self._framer.pending == 0, "something left after clear()")
        after = self._feed(sound, False)
        must(after == [sound], "the sound frame after a rest was not found")

    def _damaged(self, sound: bytes) -> bytes:
        draw = self._draw
        frame = bytearray(sound)
        for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
            draw.choice(mutate.ALONE)(draw, frame)
        way = draw.random()
        if way < 0.15:  # the front of one transmission, the end of another
            other = self._target.sound(draw)
            frame = frame[: draw.randint(0, len(frame))] + other[draw.randint(0, len(other)) :]
        elif way < 0.35:
            frame += bytes(frame) if way < 0.25 else self._target.sound(draw)
        elif way < 0.45 and len(frame) > self._target.shape.length_at:
            frame[self._target.shape.length_at] = draw.randrange(256)
        if draw.random() < 0.3:
            self._target.shape.sealed(frame)
        before = b"\xfe" * draw.randint(0, 5) if draw.random() < 0.5 else mutate.noise(draw, 30)
        after = mutate.noise(draw, 300 if draw.random() < 0.05 else 20)
        return before + bytes(frame) + after

    def _feed(self, data: bytes, pauses: bool) -> list[bytes]:
        found: list[bytes] = []
        at = 0
        while at < len(data):
            room = self._framer.get_buffer()
            must(0 < len(room) <= self._target.buffer_size, "no room, or more than there is")
            n = min(self._draw.choice(_CHUNKS), len(data) - at, len(room))
            room[:n] = data[at : at + n]
            self._framer.buffer_updated(n)
            at += n
            must(self._framer.pending <= self._target.buffer_size, "more pending than fits")
            found += self._drain(idle=pauses and self._draw.random() < 0.1)
        return found

    def _drain(self, idle: bool) -> list[bytes]:
        found = []
        while (frame := self._framer.next_frame(idle)) is not None:
            found.append(bytes(frame))
            self._target.judge(frame)
            must(len(found) <= _FRAMES_A_CASE, "frames without end")
        return found

    def _must_be_in_order(self, found: list[bytes], sent: bytes) -> None:
        at = 0
        for frame in found:
            at = sent.find(frame, at)
            must(at >= 0, "a frame that was not sent, or twice")
            at += len(frame)


@contextmanager
def _time_limit():
    def hung(*_):
        raise Hung(f"a block took longer than {_BLOCK_LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(_BLOCK_LIMIT_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
