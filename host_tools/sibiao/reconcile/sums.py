"""Exact sums of pulses, and how they are told to people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction


def running(values: Iterable[Fraction]) -> list[Fraction]:
    sums = [Fraction(0)]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def rises(values: Sequence[Fraction]) -> Fraction:
    """The most by which it ever rose above an earlier value."""
    lowest, most = values[0], Fraction(0)
    for value in values:
        lowest = min(lowest, value)
        most = max(most, value - lowest)
    return most


def total(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))


def short(value: Fraction) -> str:
    return f"{float(value):.1f}".removesuffix(".0")


def signed(value: Fraction) -> str:
    return f"{float(value):+.1f}".removesuffix(".0")


def percent(part: Fraction, whole: Fraction) -> str:
    return f"{float(100 * part / whole):.1f} %" if whole else "of none"
