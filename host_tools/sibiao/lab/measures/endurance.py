"""A module under supply for long: whether it stays the same, and how its clock goes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime

from sibiao.lab.measures.contact import pulse_points, set_off, turning
from sibiao.lab.stands.reading import Uplink
from sibiao.lab.stands.stand import Stand

_SET = datetime(2026, 12, 25, 10, 30, 10)
_LOOKS = 12
_PULSE_S = 0.4
_SETTLE_S = 2.0
_READS = 6  # between two looks
_NEAR_S = 1.2  # so long a clock is asked again and again, to catch its second


@dataclass(frozen=True)
class Look:
    """What a module said of itself at a moment. `heap`: bytes in use."""

    at_s: float
    uptime_s: int
    heap: int


@dataclass(frozen=True)
class Lasted:
    """`offset_s`: of its clock at the beginning and at the end, least and most that it can be;
    None: it tells no time. `starts`: more than at the beginning."""

    span_s: float
    starts: int
    given: int
    counted: int
    reads: int
    wrong: list[str]
    offset_s: list[tuple[float, float] | None]
    looks: list[Look] = field(default_factory=list)

    @property
    def uptime_error_s(self) -> float:
        """What its uptime gained on the stand's time from first look to last."""
        first, last = self.looks[0], self.looks[-1]
        return (last.uptime_s - first.uptime_s) - (last.at_s - first.at_s)

    @property
    def heap_growth(self) -> int:
        """Bytes in use: the least of the second half over the least of the first. (A look may
        fall where a task holds something for a moment; at the first, nothing was counted or
        read yet.)"""
        heap = [look.heap for look in self.looks[1:]]
        half = len(heap) // 2
        return min(heap[half:]) - min(heap[:half])

    @property
    def drift_s(self) -> tuple[float, float] | None:
        """What the clock gained, least and most that it can have been."""
        first, last = self.offset_s
        if first is None or last is None:
            return None
        return last[0] - first[1], last[1] - first[0]


def lasted(stand: Stand, span_s: float, seed: int) -> Lasted:
    """Pulses on every input, registers read, for so long."""
    rng = random.Random(seed)
    uplink = Uplink(stand)
    points = list(pulse_points(stand.loaded))
    stand.console().command(f"time {_SET:%Y-%m-%dT%H:%M:%S}", "time")
    starts = uplink.count("starts", 0) or 0
    before = {of.number: uplink.count("pulses", of.number) or 0 for of in points}
    pulse_s = max([_PULSE_S, *(of.sure_pulse_s for of in points)])
    wheels = [turning(of, span_s - _SETTLE_S, pulse_s, rng) for of in points]
    offsets = [clock_offset_s(stand, uplink)]
    began_s = stand.now_s()
    set_off(stand, wheels)
    looks, wrong, last = [_look(stand)], [], dict(before)
    reads = 0
    for turn in range(1, _LOOKS):
        for n in range(_READS):
            due_s = began_s + span_s * (turn - 1 + (n + 1) / _READS) / (_LOOKS - 1)
            stand.run(max(0.0, due_s - stand.now_s()))
            for of in points:
                reads += 1
                pulses = uplink.count("pulses", of.number)
                if pulses is None or pulses < last[of.number]:
                    wrong.append(f"{of.point.name}: {pulses} after {last[of.number]}")
                last[of.number] = max(pulses or 0, last[of.number])
        looks.append(_look(stand))
    offsets.append(clock_offset_s(stand, uplink))
    counted = sum((uplink.count("pulses", of.number) or 0) - before[of.number] for of in points)
    return Lasted(
        stand.now_s() - began_s,
        (uplink.count("starts", 0) or 0) - starts,
        sum(len(wheel.closed_s) for wheel in wheels),
        counted,
        reads,
        wrong,
        offsets,
        looks,
    )


def clock_offset_s(stand: Stand, uplink: Uplink) -> tuple[float, float] | None:
    """Least and most that its clock can be before the stand's time: it tells whole seconds, and
    each answer narrows it."""
    least, most = float("-inf"), float("inf")
    end_s = stand.now_s() + _NEAR_S
    while stand.now_s() < end_s:
        asked_s = stand.now_s()
        told = uplink.clock()
        if told is None:
            return None
        second = (told - _SET).total_seconds()
        # It was looked at after the question and before the answer's end.
        least = max(least, second - stand.now_s())
        most = min(most, second + 1 - asked_s)
    return least, most


def _look(stand: Stand) -> Look:
    report = stand.console().report()
    return Look(stand.now_s(), report["uptime_s"], report["heap"])
