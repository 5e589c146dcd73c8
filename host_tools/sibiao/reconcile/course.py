"""A meter's course: each dial reading with the register of its moment, and what lies between."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sibiao.config.load import Loaded
from sibiao.config.problems import Problem, Refused, meant
from sibiao.config.schema.pulse import PulseMeter
from sibiao.reconcile.table import GAP, Collected, DialReading


@dataclass(frozen=True)
class Compared:
    """One dial reading and the register then, m3. `restarts`: whether the converter started
    again, or told a gap, since the comparison before."""

    time: datetime
    dial_m3: Decimal
    register_m3: Fraction
    drift_m3: Fraction  # across the dial's roll-over
    restarted: bool
    dial: DialReading


@dataclass
class Course:
    """`weight_m3` as the community has it; `step` is by how many pulses two writings of the same
    index may differ: one, or the last place that was written. `roll_m3`: all that the dial has."""

    name: str
    address: str
    converter: str
    title: str
    weight_m3: Fraction
    roll_m3: Fraction
    step: Fraction
    compared: list[Compared] = field(default_factory=list)
    left_out: list[tuple[DialReading, str]] = field(default_factory=list)

    def wrapped(self, m3: Fraction) -> Fraction:
        """A difference, the short way around the dial."""
        return (m3 + self.roll_m3 / 2) % self.roll_m3 - self.roll_m3 / 2

    def pulses(self, m3: Fraction | Decimal) -> Fraction:
        return Fraction(m3) / self.weight_m3

    @property
    def drifts(self) -> list[Fraction]:
        """Pulses that the register is ahead of the dial."""
        return [self.pulses(each.drift_m3) for each in self.compared]

    def agrees(self, drift: Fraction) -> bool:
        return abs(drift) <= self.step


def courses(
    loaded: Loaded, manual: list[DialReading], collected: list[Collected], within: timedelta
) -> list[Course]:
    """Of each meter that both files have, in the order of converters and points. Refused where a
    dial is of no meter that was collected."""
    registers: dict[str, list[Collected]] = defaultdict(list)
    for row in collected:
        registers[row.address].append(row)
    points = _points(loaded, registers)
    dials = _dials(loaded, manual, points)
    return [
        _course(loaded, address, points[address], registers[address], dials[address], within)
        for address in sorted(dials, key=lambda a: (registers[a][0].converter, points[a]))
    ]


def _points(loaded: Loaded, registers: dict[str, list[Collected]]) -> dict[str, int]:
    """Address -> place of its point in the community."""
    names = [point.name for point in loaded.community.points]
    found, problems = {}, []
    for address, rows in registers.items():
        text = rows[0].point
        place = int(text) - 1 if text.isdecimal() else names.index(text) if text in names else -1
        if 0 <= place < len(names):
            found[address] = place
        elif text not in ("", "0", "00"):
            said = f"community {loaded.name!r} has no point {text!r}"
            allowed = f"there are 1 to {len(names)}: {', '.join(names)}"
            problems.append(Problem(rows[0].origin, said, allowed, meant(text, names)))
    if problems:
        raise Refused(problems)
    return found


def _dials(
    loaded: Loaded, manual: list[DialReading], points: dict[str, int]
) -> dict[str, list[DialReading]]:
    by_name: dict[str, list[str]] = defaultdict(list)
    for address, place in points.items():
        by_name[loaded.community.points[place].name].append(address)
        by_name[address].append(address)
    dials, problems = defaultdict(list), []
    for reading in manual:
        held = by_name.get(reading.meter.removeprefix("'"), [])
        if len(held) != 1:
            said = f"meter {reading.meter!r} " + (
                f"is a point of {len(held)} converters" if held else "was not collected"
            )
            hint = "write its address" if held else meant(reading.meter, by_name)
            problems.append(Problem(reading.origin, said, hint=hint))
        elif not isinstance(_meter(loaded, points[held[0]]), PulseMeter):
            said = f"meter {reading.meter!r} is read over a bus: it tells its own dial"
            problems.append(Problem(reading.origin, said, hint="only pulses are reconciled"))
        else:
            dials[held[0]].append(reading)
    if problems:
        raise Refused(problems)
    return dials


def _meter(loaded: Loaded, place: int):
    return loaded.meters[loaded.community.points[place].meter]


def _course(
    loaded: Loaded,
    address: str,
    place: int,
    rows: list[Collected],
    dials: list[DialReading],
    within: timedelta,
) -> Course:
    point, meter = loaded.community.points[place], _meter(loaded, place)
    weight = Fraction(meter.m3_per_pulse)
    volumes = [r for r in rows if r.quantity == "volume" and r.value is not None]
    indexes, step_m3 = _indexes(volumes, rows, weight, Fraction(point.base_reading))
    step_m3 = max([step_m3, *(Fraction(d.step_m3) for d in dials)])
    step = max(Fraction(1), step_m3 / weight)
    roll_m3 = Fraction(10) ** (meter.dial_digits + meter.weight.exponent)
    course = Course(point.name, address, rows[0].converter, meter.title, weight, roll_m3, step)
    times = [row.time for row in volumes]
    before = None
    for dial in dials:
        at = _register_at(dial.time, times, indexes, weight, within)
        if isinstance(at, str):
            course.left_out.append((dial, at))
            continue
        drift = course.wrapped(indexes[at] - Fraction(dial.m3))
        restarted = before is not None and _restarted(volumes[before : at + 1])
        course.compared.append(Compared(dial.time, dial.m3, indexes[at], drift, restarted, dial))
        before = at
    return course


def _indexes(
    volumes: list[Collected], rows: list[Collected], weight: Fraction, base: Fraction
) -> tuple[list[Fraction], Fraction]:
    """The registers, m3, and their last place. Where that is more than a pulse, the pulses tell
    the rest, if they and the community's base reading make the same index."""
    coarse = [Fraction(row.value) for row in volumes]
    step_m3 = max((Fraction(row.step) for row in volumes), default=Fraction(0))
    pulses = [row for row in rows if row.quantity == "pulses" and row.value is not None]
    if step_m3 <= weight or len(pulses) != len(volumes):
        return coarse, step_m3
    fine = [base + weight * Fraction(row.value) for row in pulses]
    if all(0 <= f - c < step_m3 for f, c in zip(fine, coarse, strict=True)):
        return fine, weight
    return coarse, step_m3


def _register_at(
    time: datetime,
    times: list[datetime],
    indexes: list[Fraction],
    weight: Fraction,
    within: timedelta,
) -> int | str:
    """The place of the collected reading to compare with, or why there is none: it was collected
    at that time, or stood still (to a pulse) from before until after."""
    after = bisect_right(times, time)
    near = [n for n in (after - 1, after) if 0 <= n < len(times)]
    if not near:
        return "no volume was collected"
    nearest = min(near, key=lambda n: abs(times[n] - time))
    if abs(times[nearest] - time) <= within:
        return nearest
    if len(near) < 2:
        return "nothing was collected at that time, nor on both sides of it"
    ran = abs(indexes[after] - indexes[after - 1]) / weight
    if ran <= 1:
        return nearest
    return f"{float(ran):.0f} pulses came between the collected readings around it"


def _restarted(rows: Iterable[Collected]) -> bool:
    first, *later = rows
    for row in later:
        started = None not in (row.starts, first.starts) and row.starts != first.starts
        told = (row.status or 0) & GAP and first.status is not None and not first.status & GAP
        grown = None not in (row.gap, first.gap) and row.gap > first.gap
        if started or told or grown:
            return True
    return False
