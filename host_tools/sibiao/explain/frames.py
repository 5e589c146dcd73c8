"""What the explanations of both `68 ... 16` links share: finding the frame, saying what is wrong
with one, cutting it into spans, writing numbers exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sibiao.explain.report import Explained, Span


@dataclass(frozen=True)
class Shape:
    """How a link's frame stands: where L is, how many bytes are not data, how large L may be."""

    length_at: int
    overhead: int
    most: int
    second_68_at: int | None = None


def find(data: bytes, frame_len: Callable) -> tuple[int, int]:
    """Start and length of the first sound frame, by the firmware's own function; 0, 0: none."""
    for at in range(len(data)):
        n = frame_len(data, at, len(data))
        if n > 0:
            return at, n
    return 0, 0


def fault(data: bytes, shape: Shape) -> str:
    """Why no frame is sound: what is wrong with the one that gets furthest."""
    faults = [_fault_from(data, at, shape) for at, byte in enumerate(data) if byte == 0x68]
    return max(faults, key=lambda f: f[0])[1] if faults else "there is no start byte 68"


def _fault_from(data: bytes, at: int, shape: Shape) -> tuple[int, str]:
    here = data[at:]
    where = f"the frame from byte {at}"
    if len(here) <= shape.length_at:
        return 0, f"{where} is cut short in its header: {len(here)} bytes are there"
    second = shape.second_68_at
    if second is not None and here[second] != 0x68:
        return 0, f"{where} has {here[second]:02X} where its second 68 should be"
    length = here[shape.length_at]
    if length > shape.most:
        return 1, f"{where} says L = {length:02X}, more than {shape.most:02X} is not allowed"
    total = shape.overhead + length
    if len(here) < total:
        return (
            2,
            f"{where} is cut short: L = {length:02X} needs {total} bytes, {len(here)} are there",
        )
    if here[total - 1] != 0x16:
        return 3, f"{where} ends with {here[total - 1]:02X} instead of 16"
    own, right = here[total - 2], sum(here[: total - 2]) & 0xFF
    return 4, f"{where} has the checksum {own:02X}, its bytes give {right:02X}"


def invalid(link: str, data: bytes, error: str) -> Explained:
    span = Span(0, hexed(data), "no sound frame", None, None, False)
    return Explained(link, False, error, {}, [], [span] if data else [])


class Cutter:
    """Cuts the bytes into spans from the front; what is taken next begins where the last ended."""

    def __init__(self, data: bytes):
        self.data = data
        self.at = 0
        self.spans: list[Span] = []

    def take(self, n: int, meaning: str, value=None, unit=None, understood=True) -> bytes:
        raw = self.data[self.at : self.at + n]
        if raw:
            self.spans.append(Span(self.at, hexed(raw), meaning, value, unit, understood))
        self.at += len(raw)
        return raw

    def before(self, start: int) -> None:
        """Everything before the frame: preamble, or what is none."""
        while self.at < start:
            n = self.at
            is_fe = self.data[n] == 0xFE
            while n < start and (self.data[n] == 0xFE) == is_fe:
                n += 1
            self.take(
                n - self.at,
                "preamble" if is_fe else "before the frame: no part of it",
                understood=is_fe,
            )

    def after(self, known: int = 0) -> None:
        """Everything behind the frame, of which the profile knows so many bytes."""
        self.take(known, "behind the frame, as this meter sends it (not read)")
        rest = len(self.data) - self.at
        self.take(rest, "behind the frame: no part of it", understood=False)


def hexed(data: bytes) -> str:
    return bytes(data).hex().upper()


def plain(value: int, exponent: int) -> str:
    """A whole number with its decimal exponent, exactly, with no zeros at its end."""
    text = f"{Decimal(value).scaleb(exponent):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def date_time(value: int) -> str:
    """A number of 14 digits CCYYMMDDhhmmss as in ISO 8601."""
    d = f"{value:014d}"
    return f"{d[:4]}-{d[4:6]}-{d[6:8]}T{d[8:10]}:{d[10:12]}:{d[12:]}"
