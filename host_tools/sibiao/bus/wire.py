"""What a bus is to whoever asks it: a request out, and whatever is heard then."""

from __future__ import annotations

from typing import Protocol

from sibiao.errors import SibiaoError

_ALIKE = 0.75  # of its bytes, and it may be the request's echo that noise has spoiled


class LineRefused(SibiaoError):
    """The port does not take these line settings; it may take others."""


class Wire(Protocol):
    name: str

    def exchange(
        self, request: bytes, baud: int, parity: str, limit_ms: int, quiet_ms: int
    ) -> bytes:
        """All that is heard after the request until the line is quiet, or until limit_ms after
        its last byte; without its echo, b"" when nothing is."""
        ...


class Listening:
    """What is heard to one request. Has no clock: whoever owns the port says what time it is."""

    def __init__(self, request: bytes, quiet_ms: float, end_ms: float):
        self._request = request
        self._quiet_ms = quiet_ms
        self._end_ms = end_ms
        self._heard = bytearray()
        self._last_ms = 0.0

    def hear(self, data: bytes, now_ms: float) -> None:
        self._heard += data
        self._last_ms = now_ms

    def is_over(self, now_ms: float) -> bool:
        if now_ms >= self._end_ms:
            return True
        quiet = bool(self._heard) and now_ms - self._last_ms >= self._quiet_ms
        return quiet and not self._may_be_echo()

    def _may_be_echo(self) -> bool:
        n = len(self._heard)
        alike = sum(a == b for a, b in zip(self._heard, self._request, strict=False))
        return n <= len(self._request) and alike >= _ALIKE * n

    def answer(self) -> bytes:
        n = len(self._request)
        is_echo = n and self._heard[:n] == self._request
        return bytes(self._heard[n:] if is_echo else self._heard)
