"""How a meter's contacts reach the converter: which contacts there are, and what the wires carry.

`single`      one contact to ground under a pull-up; a pulse is its closing, or (active 1) opening
`namur`       one contact in a two-wire current loop, read as a voltage behind a low-pass: a cut
              and a short show
`quadrature`  two overlapping contacts; going forwards, A closes before B
`sequence`    two contacts that close in turn, A and then B, never both

With `active` 1 the contacts are closed in between and open for a pulse. Any wiring may be
`guarded`: a wire through the cable that is closed while the cable is whole, and a contact that is
closed while the cover is on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sibiao.sim.pulse.train import Contact, Train, combine

SINGLE, NAMUR, QUADRATURE, SEQUENCE = WIRINGS = ("single", "namur", "quadrature", "sequence")

_CONTACTS = {
    SINGLE: {"a": Contact(300, 700)},
    NAMUR: {"a": Contact(300, 700)},
    QUADRATURE: {"a": Contact(125, 625), "b": Contact(375, 875)},
    SEQUENCE: {"a": Contact(150, 400), "b": Contact(600, 850)},
}

# Millivolts over the measuring resistor (470 ohms). The limits are those of IEC 60947-5-6 in mA:
# cut below 0.35, open below 1.2, closed above 2.1, short above 6.
CUT_BELOW_MV, OPEN_BELOW_MV, CLOSED_ABOVE_MV, SHORT_ABOVE_MV = 165, 564, 987, 2820
CUT_MV, OPEN_MV, CLOSED_MV, SHORT_MV, FULL_MV = 5, 423, 1410, 3290, 3300

LOW_PASS_NS = 5_000_000  # 10 kilohms and 0.47 microfarads before the ADC: spikes stay out
SAMPLE_NS = 6_000_000  # what is sampled is looked at as often as this at least

WHOLE, CUT, SHORT = 0, 1, 2  # the cable


@dataclass(frozen=True)
class Wiring:
    kind: str
    active: int = 0  # the level of a pulse; 1 is a contact that opens for it
    guarded: bool = False
    sampled: bool = False  # looked at now and then, for want of an interrupt; `namur` always is
    min_active_us: int = 10_000  # what the converter's filter takes for a level, and no longer
    min_idle_us: int = 10_000  # for a disturbance

    def __post_init__(self):
        if self.kind not in WIRINGS:
            raise ValueError(f"wiring {self.kind!r} is none of {', '.join(WIRINGS)}")

    @property
    def contacts(self) -> dict[str, Contact]:
        """By the name of their wire."""
        return _CONTACTS[self.kind]

    @property
    def middle_of_a(self) -> int:
        """A place in the turn where contact A is closed."""
        contact = self.contacts["a"]
        return (contact.closes + contact.opens) // 2

    @property
    def filter_ns(self) -> int:
        return 1000 * max(self.min_active_us, self.min_idle_us)

    @property
    def shortest_ns(self) -> int:
        """A level of this length is always seen, a quarter more than the filter asks for.

        The low-pass lets a closed contact's voltage last longer than it takes to rise.
        """
        shortest_ns = self.filter_ns * 5 // 4
        if self.is_analogue or self.sampled:
            shortest_ns += 2 * SAMPLE_NS
        return shortest_ns + (LOW_PASS_NS * 11 // 10 if self.is_analogue else 0)

    @property
    def longest_false_ns(self) -> int:
        """A false pulse of this length is never taken for one."""
        if self.is_analogue:
            return 1000 * self.min_active_us - LOW_PASS_NS * 3 // 2
        return 900 * self.min_active_us

    @property
    def is_analogue(self) -> bool:
        return self.kind == NAMUR

    def signal(self, closed: Train, magnet: Train, cable: Train) -> Train:
        """What the wire carries, level or millivolts, without disturbance.

        A magnet makes a pulse's contact state; a cut cable conducts nothing, a short one always.
        """

        def conducts(closed: int, magnet: int, cable: int) -> int:
            if cable != WHOLE:
                return int(cable == SHORT)
            return int(bool(closed or magnet) == (self.active == 0))

        def millivolts(closed: int, magnet: int, cable: int) -> int:
            if cable != WHOLE:
                return SHORT_MV if cable == SHORT else CUT_MV
            return CLOSED_MV if closed or magnet else OPEN_MV

        if self.is_analogue:
            return combine(millivolts, closed, magnet, cable)
        return combine(lambda *state: 1 - conducts(*state), closed, magnet, cable)


class LowPass:
    """Millivolts behind a resistor and a capacitor: `put` at each change, `at` any time after."""

    def __init__(self, time_ns: int, millivolts: int):
        self._time_ns = time_ns
        self._now = self._towards = float(millivolts)

    def put(self, time_ns: int, millivolts: int) -> None:
        self._now = self._after(time_ns)
        self._time_ns = time_ns
        self._towards = millivolts

    def at(self, time_ns: int) -> int:
        return round(self._after(time_ns))

    def _after(self, time_ns: int) -> float:
        left = math.exp((self._time_ns - time_ns) / LOW_PASS_NS)
        return self._towards + (self._now - self._towards) * left
