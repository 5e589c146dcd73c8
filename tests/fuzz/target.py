"""What is fuzzed: one link with whatever judges its frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Protocol

from tests.fuzz.checker import Shape


class Wrong(Exception):
    """The firmware's code did what it must not do."""


def must(holds: object, what: str) -> None:
    if not holds:
        raise Wrong(what)


class Target(Protocol):
    shape: Shape
    frame_len: Callable
    buffer_size: int
    seen: Counter[str]  # what became of frames, to see that every branch is reached

    def begin(self, draw: Random) -> None:
        """A new case: new values, another request."""
        ...

    def sound(self, draw: Random) -> bytes:
        """A sound frame, as may come over this link."""
        ...

    def judge(self, frame: memoryview) -> None:
        """Give a frame that the framer found to what is behind it; `Wrong` if that errs."""
        ...
