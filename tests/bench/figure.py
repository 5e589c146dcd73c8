"""One measured figure, with what was hoped for and how it was measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MET, MISSED, NO_AIM, NOT_MEASURED = "met", "missed", "", "not measured"


@dataclass(frozen=True)
class Figure:
    """`value` is the median of `count` samples; None with a reason in `how` when not measured."""

    group: str
    name: str
    unit: str
    value: float | None
    lowest: float | None
    highest: float | None
    count: int
    aim: str
    verdict: str
    how: str
    measured: str = ""  # when and at which commit, once it is reported


def figure(
    group: str,
    name: str,
    unit: str,
    samples: Sequence[float],
    how: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """The verdict judges every sample, not the median: an aim met most of the time is missed."""
    kept = [round(sample, 3) for sample in samples]
    low = at_least is None or min(kept) >= at_least
    high = at_most is None or max(kept) <= at_most
    aimless = at_least is None and at_most is None
    return Figure(
        group=group,
        name=name,
        unit=unit,
        value=round(statistics.median(kept), 3),
        lowest=min(kept),
        highest=max(kept),
        count=len(kept),
        aim=_aim(at_least, at_most),
        verdict=NO_AIM if aimless else MET if low and high else MISSED,
        how=how,
    )


def not_measured(group: str, name: str, unit: str, why: str) -> Figure:
    return Figure(group, name, unit, None, None, None, 0, "", NOT_MEASURED, why)


def _aim(at_least: float | None, at_most: float | None) -> str:
    if at_least is not None and at_least == at_most:
        return f"{at_least:g}"
    if at_least is not None and at_most is not None:
        return f"{at_least:g} … {at_most:g}"
    if at_most is not None:
        return f"≤ {at_most:g}"
    return "" if at_least is None else f"≥ {at_least:g}"
