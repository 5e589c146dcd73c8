"""From the bytes of one direction to pieces, by the firmware's own framer. No byte is lost: what
belongs to no frame is a piece, too. Has no clock: who reads the port says when bytes came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from converter.link import cjt188, dlt645, mbus
from converter.link.framer import Framer

from sibiao.monitor.piece import Piece

LINKS = ("dlt645", "cjt188", "mbus")
_ROOM = 640  # twice the longest frame: what looks like a header does not hide the one behind it
_PREAMBLE = 0xFE
_IDLE_MS = 60  # a pause: a frame may lie inside what is unfinished; more than adapters hold back
_OVER_MS = 800  # 500 ms are allowed within a frame (DL/T 645-2007, 5.3.3); what adapters add
_MOST_STRANGE = 256


class Ear:
    """Which frames a line's cutters look for. M-Bus' E5 is a frame only where it is expected,
    in either direction's bytes: the cutters of one line share an ear."""

    def __init__(self, links: Iterable[str] = LINKS):
        self._mbus = mbus.Ear()
        known = {
            "dlt645": dlt645.frame_len,
            "cjt188": cjt188.frame_len,
            "mbus": self._mbus.frame_len,
        }
        self._measures = [(link, known[link]) for link in LINKS if link in links]

    def frame_len(self, buf, start: int, end: int) -> int:
        """As the firmware's: of the first link that finds a frame."""
        most = -1
        for _, measure in self._measures:
            n = measure(buf, start, end)
            if n > 0:
                return n
            most = max(most, n)
        return most

    def link_of(self, frame: bytes) -> str:
        link = next(name for name, m in self._measures if m(frame, 0, len(frame)) == len(frame))
        is_asking = link == "mbus" and len(frame) > 1 and mbus.control(frame) & mbus.FROM_MASTER
        self._mbus.ack = bool(is_asking) and mbus.expects_ack(frame)
        return link


class Cutter:
    def __init__(self, line: str, direction: str | None, ear: Ear):
        self._line, self._direction, self._ear = line, direction, ear
        # A lone E5 does not end an unfinished frame that it lies in: data hold it as well.
        self._framer = Framer(ear.frame_len, _ROOM, lambda frame: len(frame) > 1)
        self._unjudged: deque[tuple[int, int]] = deque()  # (byte, when), as in the framer
        self._strange: list[tuple[int, int]] = []
        self._skipped = 0
        self._last_ms: int | None = None

    def heard(self, data: bytes, time_ms: int) -> list[Piece]:
        pieces = self.quiet(time_ms)
        self._last_ms = time_ms
        left = memoryview(data)
        while left:
            room = self._framer.get_buffer()
            n = min(len(room), len(left))
            room[:n] = left[:n]
            self._framer.buffer_updated(n)
            self._unjudged += [(byte, time_ms) for byte in left[:n]]
            left = left[n:]
            pieces += self._found(idle=False)
        return pieces

    def quiet(self, now_ms: int) -> list[Piece]:
        """Nothing has come until now."""
        since_ms = 0 if self._last_ms is None else now_ms - self._last_ms
        pieces = self._found(idle=True) if since_ms >= _IDLE_MS else []
        return pieces + self.end() if since_ms >= _OVER_MS else pieces

    def end(self) -> list[Piece]:
        """What is unfinished will come to no end."""
        pieces = self._found(idle=True)
        self._framer.clear()
        self._skip()
        return pieces + self._strangers()

    def _found(self, idle: bool) -> list[Piece]:
        pieces = []
        while True:
            frame = self._framer.next_frame(idle)
            self._skip()
            if frame is None:
                if len(self._strange) > _MOST_STRANGE:
                    pieces += self._strangers()
                return pieces
            n = len(self._strange)
            while n and self._strange[n - 1][0] == _PREAMBLE:
                n -= 1
            preamble = self._strange[n:]
            del self._strange[n:]
            pieces += self._strangers()
            link = self._ear.link_of(bytes(frame))
            pieces.append(self._piece(preamble + self._pop(len(frame)), link))

    def _skip(self) -> None:
        self._strange += self._pop(self._framer.skipped - self._skipped)
        self._skipped = self._framer.skipped

    def _pop(self, n: int) -> list[tuple[int, int]]:
        return [self._unjudged.popleft() for _ in range(n)]

    def _strangers(self) -> list[Piece]:
        held, self._strange = self._strange, []
        return [self._piece(held, None)] if held else []

    def _piece(self, held: list[tuple[int, int]], link: str | None) -> Piece:
        first_ms, last_ms = held[0][1], held[-1][1]
        data = bytes(byte for byte, _ in held)
        return Piece(first_ms, last_ms - first_ms, self._line, self._direction, link, data)
