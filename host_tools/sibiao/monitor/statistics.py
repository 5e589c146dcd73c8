"""Counts of what passed, by the lines' own time: a replay counts the same."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass, field

from sibiao.monitor.exchanges import UNASKED
from sibiao.monitor.piece import REQUEST
from sibiao.monitor.seen import FRAME, NO_ANSWER, NOISE, Seen

# Answer times are counted from one border to the next, in ms.
BORDERS_MS = (20, 50, 100, 200, 500, 1000)
_WINDOW_MS = 10_000


@dataclass
class Statistics:
    """`unanswered` is known when the next request comes; one that is out last is none."""

    frames: Counter = field(default_factory=Counter)  # by link
    bytes: int = 0
    requests: int = 0
    answers: int = 0
    refused: int = 0
    unanswered: int = 0
    retries: int = 0
    unasked: int = 0
    strange_pieces: int = 0
    strange_bytes: int = 0
    checksum_errors: int = 0
    notices: int = 0  # of something that was not heard
    answer_ms: list[int] = field(default_factory=lambda: [0] * (len(BORDERS_MS) + 1))
    fastest_ms: int | None = None
    slowest_ms: int | None = None
    first_ms: int | None = None
    last_ms: int = 0
    _recent: deque = field(default_factory=deque)

    def take(self, one: Seen) -> None:
        if one.event == NO_ANSWER:
            self.unanswered += 1
            return
        piece = one.piece
        self.bytes += len(piece.data)
        self.first_ms = piece.time_ms if self.first_ms is None else self.first_ms
        self.last_ms = max(self.last_ms, piece.end_ms)
        if one.event == NOISE:
            self.strange_pieces += 1
            self.strange_bytes += len(piece.data)
            self.checksum_errors += "checksum" in (one.error or "")
        elif one.event == FRAME:
            self.frames[piece.link] += 1
            self._recent.append(piece.time_ms)
            self._forget(piece.time_ms - _WINDOW_MS)
            if not one.is_echo:
                self._take_frame(one)

    def _take_frame(self, one: Seen) -> None:
        if one.direction == REQUEST:
            self.requests += 1
            self.retries += one.retry
            return
        if one.answer_ms is None:
            self.unasked += one.error is not None
            return
        self.answers += 1
        self.refused += one.error is not None and one.error != UNASKED
        self.answer_ms[bisect_right(BORDERS_MS, one.answer_ms)] += 1
        fastest, slowest = self.fastest_ms, self.slowest_ms
        self.fastest_ms = one.answer_ms if fastest is None else min(fastest, one.answer_ms)
        self.slowest_ms = one.answer_ms if slowest is None else max(slowest, one.answer_ms)

    @property
    def seconds(self) -> float:
        """From the first byte to the last one."""
        return 0 if self.first_ms is None else (self.last_ms - self.first_ms) / 1000

    def per_second(self, now_ms: int | None = None) -> float:
        """Frames, of the last ten seconds until now; without now of the whole time."""
        if now_ms is None:
            return self.frames.total() / self.seconds if self.seconds else 0
        self._forget(now_ms - _WINDOW_MS)
        since_ms = now_ms - (self.first_ms or now_ms)
        return len(self._recent) * 1000 / min(max(since_ms, 1000), _WINDOW_MS)

    def _forget(self, before_ms: int) -> None:
        while self._recent and self._recent[0] < before_ms:
            self._recent.popleft()

    def as_json(self) -> dict:
        return {
            "seconds": self.seconds,
            "frames": dict(sorted(self.frames.items())),
            "bytes": self.bytes,
            "frames_per_second": round(self.per_second(), 3),
            "requests": self.requests,
            "answers": self.answers,
            "refused": self.refused,
            "unanswered": self.unanswered,
            "retries": self.retries,
            "unasked": self.unasked,
            "strange_pieces": self.strange_pieces,
            "strange_bytes": self.strange_bytes,
            "checksum_errors": self.checksum_errors,
            "notices": self.notices,
            "answer_ms": {
                "fastest": self.fastest_ms,
                "slowest": self.slowest_ms,
                "borders": list(BORDERS_MS),
                "counts": self.answer_ms,
            },
        }
