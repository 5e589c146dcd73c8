"""Trains of levels and the wheel that makes them, in whole nanoseconds and whole parts of a turn.

A train is a sequence of (time_ns, value), the first at 0, each value unlike the one before it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Train = tuple[tuple[int, int], ...]
Span = tuple[int, int]  # from, until (not included)

TURN = 1000  # parts of a turn of the wheel; a turn is one pulse


def train(changes: Iterable[tuple[int, int]]) -> Train:
    """Of changes in order of time, those that change something."""
    kept: list[tuple[int, int]] = []
    for at, value in changes:
        if kept and kept[-1][0] == at:
            kept.pop()
        if not kept or kept[-1][1] != value:
            kept.append((at, value))
    return tuple(kept)


def during(spans: Iterable[Span], value: int = 1) -> Train:
    """`value` within the spans, which are in order and may touch, 0 outside them."""
    changes = [(0, 0)]
    for begin, end in spans:
        changes += [(begin, value), (end, 0)]
    return train(changes)


def combine(function: Callable[..., int], *trains: Train) -> Train:
    """The train of `function(value of each train)`."""
    values = [t[0][1] for t in trains]
    changes = sorted((at, n, value) for n, one in enumerate(trains) for at, value in one if at > 0)
    result = [(0, function(*values))]
    for (at, n, value), (next_at, *_) in pairwise([*changes, (-1, 0, 0)]):
        values[n] = value
        if next_at != at:
            result.append((at, function(*values)))
    return train(result)


def dwells(one: Train, end_ns: int) -> list[tuple[int, int, int]]:
    """(from, until, value) of every level of a train."""
    return [(a, b, value) for (a, value), (b, _) in pairwise([*one, (end_ns, -1)])]


def bounces(
    one: Train, value: int, end_ns: int, rng: random.Random, false_ns: Span, share: float = 0.5
) -> list[Span]:
    """Spans of false level after each change to `value`, `false_ns` = (longest one, all of it).

    Never more than `share` of a dwell bounces: the rest of it is the contact at peace.
    """
    longest_ns, all_ns = false_ns
    spans = []
    for begin, end, reached in dwells(one, end_ns)[1:]:
        if reached != value:
            continue
        at, until = begin, begin + min(all_ns, int((end - begin) * share))
        while True:
            at += rng.randint(1, longest_ns)
            close = at + rng.randint(1, longest_ns)
            if close >= until:
                break
            spans.append((at, close))
            at = close
    return spans


@dataclass(frozen=True)
class Contact:
    """Closed where the wheel stands between two parts of its turn."""

    closes: int
    opens: int

    def train(self, knots: Sequence[tuple[int, int]]) -> Train:
        """Of a wheel that moves evenly from knot (time_ns, position) to knot."""
        changes = [(0, self._closed(knots[0][1]))]
        for (t0, p0), (t1, p1) in pairwise(knots):
            low, high = min(p0, p1), max(p0, p1)
            crossed = sorted(
                edge + turn * TURN
                for turn in range(low // TURN - 1, high // TURN + 1)
                for edge in (self.closes, self.opens)
                if low < edge + turn * TURN <= high
            )
            for at in crossed if p1 > p0 else reversed(crossed):
                # Going back, the place just below the edge is what counts.
                place = at if p1 > p0 else at - 1
                time_ns = t0 + (at - p0) * (t1 - t0) // (p1 - p0)
                changes.append((time_ns, self._closed(place)))
        return train(changes)

    def _closed(self, position: int) -> int:
        return int(self.closes <= position % TURN < self.opens)


def whole_turns(knots: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Whole turns (forward, back), each a full turn away from the last one.

    A swing within a turn is neither: that is how a register with a tooth of play counts.
    """
    forward = back = 0
    last = knots[0][1]
    for _, position in knots:
        turns = abs(position - last) // TURN
        if position > last:
            forward += turns
            last += turns * TURN
        else:
            back += turns
            last -= turns * TURN
    return forward, back
