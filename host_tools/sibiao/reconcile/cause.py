"""The likely cause of a drift, and why: rules that a person can follow with a pencil.

All in pulses of the community's weight. A contact closes somewhere in a turn, so a register that
counts rightly stays within a pulse of the dial, and an interval within a pulse of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sibiao.reconcile.course import Course
from sibiao.reconcile.misread import FEWEST, MOST_MISREAD, misread
from sibiao.reconcile.sums import percent, rises, running, short, signed, total
from sibiao.reconcile.weights import shares

CAUSES = ("none", "bounce", "missed", "backflow", "wrong weight", "wrong base", "gap", "unclear")
_CLEAR = 3  # pulses: less of a drift has no cause that could be told
# Up to which spread of extra pulses, against that of chance, they come evenly: with 30 intervals
# chance exceeds it once in 200 times (chi-square).
_EVEN = Fraction(9, 5)
_EVEN_FROM = 10  # extra pulses from which that can be told


@dataclass(frozen=True)
class Finding:
    cause: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Interval:
    """Between two readings: what the dial moved, and how much more the register did."""

    moved: Fraction
    extra: Fraction
    restarted: bool

    @property
    def counted(self) -> Fraction:
        return self.moved + self.extra


def finding(course: Course) -> Finding:
    sound, misread = _without_misread(course)
    notes = [_misread_note(course, n) for n in misread]
    drifts = [course.drifts[n] for n in sound]
    found = _of_drifts(course, sound, drifts)
    return Finding(found.cause, (*found.evidence, *notes))


def _without_misread(course: Course) -> tuple[list[int], list[int]]:
    wrong = misread(course)
    return [n for n in range(len(course.compared)) if n not in wrong], wrong


def _misread_note(course: Course, n: int) -> str:
    one = course.compared[n]
    return (
        f"The dial of {one.time:%Y-%m-%d %H:%M} ({one.dial_m3} m³) fits neither the reading "
        "before nor the one after: probably misread, and left out of this judgement."
    )


def _of_drifts(course: Course, places: list[int], drifts: list[Fraction]) -> Finding:
    count = len(drifts)
    if not count:
        return _unclear("No dial reading could be compared with a collected one.")
    intervals = _intervals(course, places, drifts)
    if all(map(course.agrees, drifts)):
        return _none(course, drifts, intervals)
    if count < FEWEST:
        return _unclear(f"Only {count} readings can be compared; a cause needs {FEWEST}.")
    spread = max(drifts) - min(drifts)
    if spread <= 2 * course.step and not course.agrees(drifts[0]):
        return _constant(drifts, intervals)
    found = _moving(intervals, course)
    if not course.agrees(drifts[0]):
        off = f"The first reading was already off by {signed(drifts[0])} pulses: the base "
        return Finding(found.cause, (*found.evidence, off + "reading may be wrong as well."))
    return found


def _intervals(course: Course, places: list[int], drifts: list[Fraction]) -> list[Interval]:
    made = []
    for k in range(1, len(places)):
        a, b = course.compared[places[k - 1]], course.compared[places[k]]
        moved = course.pulses(course.wrapped(Fraction(b.dial_m3) - Fraction(a.dial_m3)))
        extra = drifts[k] - drifts[k - 1]
        between = course.compared[places[k - 1] + 1 : places[k] + 1]
        made.append(Interval(moved, extra, any(each.restarted for each in between)))
    return made


def _none(course: Course, drifts: list[Fraction], intervals: list[Interval]) -> Finding:
    moved, counted = total(i.moved for i in intervals), total(i.counted for i in intervals)
    within = "one pulse" if course.step == 1 else f"{short(course.step)} pulses (the last place)"
    said = [f"All {len(drifts)} readings agree to {within}: dial {short(moved)} pulses on, "]
    said[0] += f"register {short(counted)}."
    if any(i.restarted for i in intervals):
        said.append("The converter restarted meanwhile, and lost nothing by it.")
    return Finding("none", tuple(said))


def _constant(drifts: list[Fraction], intervals: list[Interval]) -> Finding:
    moved = total(i.moved for i in intervals)
    offset = sorted(drifts)[len(drifts) // 2]
    if moved < 2 * _CLEAR:
        return _unclear(
            f"The register is {signed(offset)} pulses off from the first reading on, and only "
            f"{short(moved)} pulses ran since: too few to tell a wrong base from other causes."
        )
    said = (
        f"The register is off by {signed(offset)} pulses at the first reading and stays so, to "
        f"two pulses, over {short(moved)} pulses of the dial in {len(drifts)} readings: it "
        "counts rightly from a wrong base reading."
    )
    return Finding("wrong base", (said,))


def _moving(intervals: list[Interval], course: Course) -> Finding:
    """A drift that changes. What was lost across restarts is told apart from the rest."""
    across = [i for i in intervals if i.restarted]
    rest = [i for i in intervals if not i.restarted]
    lost = -total(i.extra for i in across)
    if lost < _CLEAR:
        return _counting(intervals, course)
    if weight := _weight(intervals, course):
        return weight
    found = _counting(rest, course)
    usual = total(i.extra for i in rest)
    here = (
        f"{short(lost)} pulses are missing across {len(across)} intervals in which the converter "
        "restarted or told a gap"
    )
    odd = _odd_stretches(intervals, course)
    if not odd:
        others = f"in the other {len(rest)} intervals the drift stands still, to two pulses"
        return Finding("gap", (f"{here}; {others}.",))
    if len(odd) <= max(1, len(intervals) * MOST_MISREAD) and lost >= 4 * abs(usual):
        others = f"of the other {len(rest)} intervals {len(odd)} differ by more than a pulse"
        return Finding("gap", (f"{here}; {others}, as a misread dial makes it.",))
    # What the counting itself does wrong goes on across a restart.
    rate = usual / (total(i.moved for i in rest) or 1)
    unexplained = lost + rate * total(i.moved for i in across)
    if found.cause not in ("none", "unclear") and unexplained <= max(_CLEAR, abs(usual) / 4):
        return found
    return _unclear(f"{here}, but the other intervals differ too.", *found.evidence)


def _odd_stretches(intervals: list[Interval], course: Course) -> list[Interval]:
    """Where, between two restarts, the drift does not stand still."""
    odd, stretch = [], [Fraction(0)]
    for each in intervals:
        stretch = [Fraction(0)] if each.restarted else [*stretch, stretch[-1] + each.extra]
        if max(stretch) - min(stretch) > 2 * course.step:
            odd.append(each)
            stretch = [Fraction(0)]
    return odd


def _counting(intervals: list[Interval], course: Course) -> Finding:
    """Of intervals in which the converter counted throughout."""
    course_of = running(i.extra for i in intervals)
    extra, moved = course_of[-1], total(i.moved for i in intervals)
    off = [i for i in intervals if abs(i.extra) > course.step]
    if not off and max(map(abs, course_of)) <= 2 * course.step:
        return Finding("none", ())
    weight = _weight(intervals, course)
    if weight:
        return weight
    if rises(course_of) <= 2 * course.step and extra <= -_CLEAR:
        return _missed(intervals, off, extra, moved)
    if rises([-e for e in course_of]) <= 2 * course.step and extra >= _CLEAR:
        return _added(intervals, off, extra, moved)
    if abs(extra) < _CLEAR:
        return _unclear(f"A drift of {signed(extra)} pulses in all is too small to have a cause.")
    return _unclear(
        "The drift goes both ways: intervals with pulses too many and with pulses too few."
    )


def _weight(intervals: list[Interval], course: Course) -> Finding | None:
    """The register moves by an exact multiple of the dial all along, to a pulse of either."""
    dials = running(i.moved for i in intervals)
    registers = running(i.counted for i in intervals)
    if max(map(abs, registers)) < 2 * _CLEAR:
        return None
    grain = Fraction(course.compared[0].dial.step_m3) / course.weight_m3
    for share in shares():
        play = [1 + share * min(1, grain)] * len(dials)
        if abs(dials[-1] * (share - 1)) < 2 * _CLEAR:
            continue
        apart = [r - share * d for r, d in zip(registers, dials, strict=True)]
        # The first dial may be the misread one.
        middle = sorted(apart)[len(apart) // 2]
        off = sum(abs(a - middle) > p * course.step for a, p in zip(apart, play, strict=True))
        if off <= len(dials) * MOST_MISREAD:
            return _weight_found(share, course, dials[-1], registers[-1], len(intervals))
    return None


def _weight_found(share, course: Course, dial, register, count: int) -> Finding:
    true_l = 1000 * course.weight_m3 / share
    evenly = (
        f"The register moves {float(share):g} times as far as the dial in each of {count} "
        f"intervals, exact to a pulse ({short(register)} for {short(dial)} pulses): faults that "
        "come by chance are not so even."
    )
    worth = f"A pulse is worth {short(true_l)} L, not {short(1000 * course.weight_m3)} L."
    said = [evenly, worth]
    if share == 2:
        said.append("Or a contact closes twice in each turn: look at its wiring.")
    return Finding("wrong weight", tuple(said))


def _missed(intervals, off: list[Interval], extra: Fraction, moved: Fraction) -> Finding:
    amount = (
        f"{short(-extra)} of {short(moved)} pulses are missing ({percent(-extra, moved)}), in "
        f"{len(off)} of {len(intervals)} intervals more than one; none are too many, and the "
        "converter counted throughout."
    )
    said = [amount]
    if not any(i.counted for i in intervals):
        said.append("The register stands still: contact, cable or input is dead.")
    elif _is_even(intervals, -1):
        said.append(
            "The loss grows evenly with the pulses: the contact closes for less than the filter "
            "asks, or pulses come faster than the input follows."
        )
    else:
        said.append(
            "The loss comes at times: a contact that sticks, a cable that fails, a magnet, or "
            "pulses too fast for the filter at high flow."
        )
    return Finding("missed", tuple(said))


def _added(intervals, off: list[Interval], extra: Fraction, moved: Fraction) -> Finding:
    amount = (
        f"The register gained {short(extra)} pulses over {short(moved)} of the dial "
        f"({percent(extra, moved)}), in {len(off)} of {len(intervals)} intervals more than one"
    )
    # All that ran back was counted, and what then came forward.
    backwards = [i for i in intervals if i.moved <= -1 and i.counted >= -i.moved - 1]
    if backwards:
        back, counted = -total(i.moved for i in backwards), total(i.counted for i in backwards)
        seen = (
            f"In {len(backwards)} intervals the dial ran back, {short(back)} pulses in all, "
            f"while the register rose by {short(counted)}: one contact does not tell the way, so "
            "what runs back is counted as flow."
        )
        return Finding("backflow", (f"{amount}.", seen))
    if extra >= _EVEN_FROM and _is_even(intervals, 1):
        why = (
            "The gain grows evenly with the pulses, as false pulses of each closing do: the "
            "contact bounces for longer than the filter takes."
        )
        return Finding("bounce", (f"{amount}; none are missing.", why))
    at_times = (
        "They come at times, not evenly with the pulses, and the dial was never seen to run back: "
        "a wheel that swings at the contact, water hammer, backflow that was over before the dial "
        "was read, or a magnet."
    )
    return _unclear(f"{amount}.", at_times)


def _is_even(intervals: Sequence[Interval], sign: int) -> bool:
    """Whether the pulses too many (or few) are spread over the dial's as chance would: the mean
    square from what is expected, against that (Pearson's chi-square by degrees of freedom)."""
    ran = [i for i in intervals if i.moved > 0]
    if len(ran) < FEWEST:
        return False
    rate = sign * total(i.extra for i in ran) / total(i.moved for i in ran)
    apart = [
        (sign * i.extra - rate * i.moved) ** 2 / (rate * i.moved + Fraction(1, 2)) for i in ran
    ]
    return rate > 0 and total(apart) / (len(ran) - 1) <= _EVEN


def _unclear(*said: str) -> Finding:
    return Finding("unclear", said)
