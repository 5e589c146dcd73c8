"""Whether a point counts what its dial shows: the verdict, and what an installer has to do.

A contact closes somewhere in a turn, and a dial is read down to its last place: over one draw the
count may differ by a pulse, or by that place where it is worth more.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sibiao.commission.seen import Seen
from sibiao.reader.shown import status_words
from sibiao.reconcile.sums import short
from sibiao.reconcile.weights import shares

GOOD = "good"
FAILED = "failed"
_MOST_PLAIN = 1010  # numerator and denominator of a weight's share: what is odder is chance
_WEIGHT_FROM = 4  # pulses too many or few, from which another weight can be told


@dataclass(frozen=True)
class Draw:
    """`dials`: in the unit of the register, before and after; `places`: their last place. `roll`:
    all that the dial has, None unknown. `rises`: looks in which the count rose; `bursts`: those
    in which it rose by more than one."""

    dials: tuple[Decimal, Decimal]
    seen: tuple[Seen, Seen]
    place: Fraction
    roll: Fraction | None = None
    rises: int = 0
    bursts: int = 0

    @property
    def moved(self) -> Fraction:
        moved = Fraction(self.dials[1]) - Fraction(self.dials[0])
        if self.roll:
            moved = (moved + self.roll / 2) % self.roll - self.roll / 2
        return moved


@dataclass(frozen=True)
class Judged:
    """`cause`: one word or two, empty when all is well. `said`, `todo`: for the installer.
    `counted`, `expected`: pulses of the draw; of a bus meter register and dial, after it."""

    cause: str
    said: str
    todo: str = ""
    counted: Fraction | None = None
    expected: Fraction | None = None

    @property
    def verdict(self) -> str:
        return FAILED if self.cause else GOOD

    @property
    def drift(self) -> Fraction | None:
        return None if self.counted is None else self.counted - self.expected


def judge(draw: Draw, weight: Fraction | None) -> Judged:
    """weight: m3 of a pulse, None of a meter on a bus."""
    unknown = [seen for seen in draw.seen if seen.value is None]
    if unknown and weight is None:
        return _unknown(unknown[0], _SILENT)
    if draw.moved < 0:
        return Judged(
            "dial ran back",
            f"The dial went back by {_text(-draw.moved)} {draw.seen[0].unit}.",
            "A figure is mistyped, or the meter is built in against its arrow.",
        )
    if weight is None:
        return _bus(draw)
    counted = _counted(draw)
    if counted is None:
        return _unknown(unknown[0] if unknown else draw.seen[1], _LOST)
    return _pulses(draw, weight, *counted)


def _counted(draw: Draw) -> tuple[Fraction, Fraction] | None:
    """(net, reverse) pulses meanwhile."""
    a, b = draw.seen
    reverse = Fraction(0)
    if a.reverse is not None and b.reverse is not None:
        reverse = b.reverse - a.reverse
    if a.net is not None and b.net is not None:
        return b.net - a.net, reverse
    if None in (a.forward, b.forward, a.reverse, b.reverse):
        return None
    return b.forward - a.forward - reverse, reverse


def _pulses(draw: Draw, weight: Fraction, net: Fraction, reverse: Fraction) -> Judged:
    expected = draw.moved / weight
    slack = max(Fraction(1), draw.place / weight)
    here = f"The dial moved {short(expected)} pulses ({_text(draw.moved)} m3), "
    here += f"the converter counted {short(net)}."

    def told(cause: str, todo: str, said: str = here) -> Judged:
        return Judged(cause, said, todo, net, expected)

    if net == 0 and reverse == 0:
        if expected <= slack:
            return told("nothing drawn", "Open the tap and draw more, then read the dial again.")
        return told("no pulses", _NO_PULSES)
    if reverse > slack and net < 0:
        return told("reversed", _REVERSED)
    if draw.moved == 0 and net > 1:
        return told("not this meter", _NOT_THIS, f"{short(net)} pulses came, and the dial stands.")
    if abs(net - expected) <= slack:
        if expected <= 2 * slack and net <= 2 * slack:
            todo = f"Draw more than {short(2 * slack)} pulses, or read the dial's finest figures."
            return told("nothing proved", todo)
        return _with_base(draw, weight, slack, told("", ""))
    if net > expected and draw.bursts and abs(draw.rises - expected) <= slack:
        return told("bounce", _BOUNCE)
    share = _share(net, expected, slack)
    if share is not None:
        worth = short(1000 * weight / share)
        todo = (
            f"A pulse seems to be worth {worth} L, and the profile says {short(1000 * weight)} L: "
            "compare the meter's plate (imp/L, L/imp), and give the point the profile that fits."
        )
        if share == 2:
            todo += " Or the contact closes twice in each turn: look at its wiring."
        return told("wrong weight", todo)
    return told("bounce", _BOUNCE) if net > expected else told("missed", _MISSED)


def _share(net: Fraction, expected: Fraction, slack: Fraction) -> Fraction | None:
    if abs(net - expected) < _WEIGHT_FROM:
        return None
    for share in shares():
        plain = share.numerator + share.denominator <= _MOST_PLAIN
        if plain and abs(net - share * expected) <= max(1, share * min(1, slack)):
            return share
    return None


def _with_base(draw: Draw, weight: Fraction, slack: Fraction, judged: Judged) -> Judged:
    """It counts rightly; whether it also shows what the dial shows."""
    value = draw.seen[1].value
    if value is None:
        return _unknown(draw.seen[1], _LOST)
    off = Fraction(value) - Fraction(draw.dials[1])
    if draw.roll:
        off = (off + draw.roll / 2) % draw.roll - draw.roll / 2
    if abs(off) <= slack * weight:
        return judged
    said = f"{judged.said} It counts rightly, but shows {value} m3 where the dial shows "
    todo = "Enter the dial: --set-base with --console, or sibiao write … dial."
    return Judged("wrong base", f"{said}{draw.dials[1]}.", todo, judged.counted, judged.expected)


def _bus(draw: Draw) -> Judged:
    a, b = draw.seen
    counted = Fraction(b.value) - Fraction(a.value)
    slack = max(draw.place, *(_place(seen.value) for seen in draw.seen))
    here = f"The dial shows {draw.dials[1]} {b.unit}, the converter reads {b.value}."

    def told(cause: str, todo: str, said: str = here) -> Judged:
        return Judged(cause, said, todo, Fraction(b.value), Fraction(draw.dials[1]))

    off = Fraction(b.value) - Fraction(draw.dials[1])
    if abs(off) <= slack:
        if not counted and not draw.moved:
            todo = "Draw until the value changes, so that it is seen to follow the dial."
            return told("nothing drawn", todo)
        if not counted:
            return told("stands still", _STANDS)
        return told("", "")
    for power in (-3, -2, -1, 1, 2, 3):
        if abs(Fraction(b.value) * Fraction(10) ** power - Fraction(draw.dials[1])) <= slack * max(
            1, Fraction(10) ** power
        ):
            return told("wrong unit", _UNIT)
    if not counted and draw.moved > slack:
        return told("stands still", _STANDS)
    return told("not this meter", _OTHER)


def _unknown(seen: Seen, todo: str) -> Judged:
    words = status_words(seen.status) if seen.status else ""
    why = ", ".join(each for each in (seen.error, words) if each) or "unknown"
    return Judged("no value", f"The converter has no {seen.quantity} of this meter: {why}.", todo)


def place_of(text: str) -> Fraction:
    """The last place that was written: 0.01 of 12.34."""
    return _place(Decimal(text))


def _place(value: Decimal) -> Fraction:
    return Fraction(10) ** min(0, value.as_tuple().exponent)


def _text(value: Fraction) -> str:
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


_NO_PULSES = (
    "Is the sensor seated on the meter, and its cable at the input that the wiring sheet names? "
    "Bridge the two wires at the terminal for a moment: if that counts, the sensor or its cable "
    "is at fault, else the input or its wiring."
)
_REVERSED = (
    "Contacts A and B are exchanged: swap their two wires at the terminal. If the meter is built "
    "in against its arrow, turn the meter."
)
_NOT_THIS = (
    "This cable may come from another meter: close the tap and see whether it still counts. Else "
    "the contact bounces, or a pulse is worth less than the dial's last place."
)
_BOUNCE = (
    "One closing is counted more than once: the contact bounces, or the cable picks up noise. "
    "Look at the contact and the shield; a longer filter is min_active_ms of the profile."
)
_MISSED = (
    "Some closings are not counted: the sensor sits loose, the cable has a bad contact, or the "
    "filter (min_active_ms of the profile) is longer than the meter's pulse."
)
_STANDS = (
    "The value does not follow the dial: the meter may send it only now and then, or the "
    "converter cannot reach it any more. Wait for its next poll; look at the point's status."
)
_UNIT = "Unit or decimals of the profile do not fit this meter: take the profile of its make."
_OTHER = (
    "Another meter answers under this address, or two are exchanged: compare the address on this "
    "meter's plate with meter_address in the community."
)
_SILENT = (
    "Look at the bus wires and the meter's power, and compare the address on its plate with "
    "meter_address in the community; sibiao scan says who answers on the bus."
)
_LOST = "Put that right first: sibiao restore enters a dial whose record was lost."
