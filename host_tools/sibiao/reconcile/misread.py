"""Dials that were read wrongly: a figure off, which no fault of a converter explains."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from sibiao.reconcile.course import Course

FEWEST = 4  # readings from which more can be told than that they agree
MOST_MISREAD = Fraction(1, 10)  # of the readings
_FAR = 3  # times the most that the drift changes elsewhere


def misread(course: Course) -> list[int]:
    """Readings without which the register drifts one way only, as all causes make it: figures read
    wrongly. The first and the last have one side only: they must lie far off all that is usual."""
    drifts, step = course.drifts, course.step
    rising = _one_way(drifts, step)
    falling = _one_way([-d for d in drifts], step)
    kept = rising if len(rising) >= len(falling) else falling
    found = [n for n in range(len(drifts)) if n not in kept]
    for n, beside in ((0, 0), (len(drifts) - 1, -1)):
        rest = [d for k, d in enumerate(drifts) if k != n and k not in found]
        if n in found or len(rest) < FEWEST or course.compared[n or 1].restarted:
            continue
        usual = max(abs(b - a) for a, b in pairwise(rest))
        if abs(drifts[n] - rest[beside]) > max(2 * step, _FAR * usual):
            found.append(n)
    return sorted(found) if len(found) <= max(1, len(drifts) * MOST_MISREAD) else []


def _one_way(drifts: Sequence[Fraction], step: Fraction) -> list[int]:
    """The places of the most drifts of which none is more than a step below one before it; of as
    many, those that move least."""
    best: list[tuple[int, Fraction, Fraction, int]] = []  # how many, -moved, highest, place before
    for drift in drifts:
        before = [
            (count + 1, moved - max(drift - top, 0), max(top, drift), k)
            for k, (count, moved, top, _) in enumerate(best)
            if drift >= top - step
        ]
        best.append(max(before, default=(1, Fraction(0), drift, -1)))
    place = max(range(len(best)), key=lambda n: best[n][:2], default=-1)
    kept = []
    while place >= 0:
        kept.append(place)
        place = best[place][3]
    return kept[::-1]
