"""One story of a wheel, its contacts and its cable: what happened, and what the wires showed."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sibiao.sim.pulse.train import (
    TURN,
    Span,
    Train,
    bounces,
    combine,
    during,
    dwells,
    train,
    whole_turns,
)
from sibiao.sim.pulse.wiring import CLOSED_MV, FULL_MV, OPEN_MV, Wiring
from sibiao.sim.wire import NS_PER_S

_BEFORE_NS = NS_PER_S // 2  # at rest before the first pulse
_RAMP_STEP_NS = NS_PER_S // 2000
_NOISE_MV = 80
_AFTER_NS = NS_PER_S  # at rest after the last one


@dataclass(frozen=True)
class Story:
    """Edges for each wire (levels; millivolts for `namur`), and what truly happened.

    Wires are `a`, `b`, and on a guarded wiring `loop` (1: cable cut) and `cover` (1: open).
    """

    fault: str
    wiring: Wiring
    seed: int
    wires: dict[str, Train]
    end_ns: int
    forward: int  # whole turns of the wheel
    reverse: int
    counts: dict[str, int]  # how often the fault happened, by what bounds its error
    busy: tuple[Span, ...]  # when the converter shall be kept busy, by reading it

    @property
    def dial(self) -> int:
        """By how many pulses the meter's own dial moved."""
        return self.forward - self.reverse

    def edges(self) -> Iterator[tuple[int, str, int]]:
        """(time_ns, wire, value) of all wires in order; the first of each is its state at 0."""
        yield from sorted((at, wire, value) for wire, t in self.wires.items() for at, value in t)


class Teller:
    """Builds a story. Lengths of what disturbs are measured by the wiring's filter."""

    def __init__(self, wiring: Wiring, pulses: int, rate_hz: float, seed: int, start: int = 0):
        self.rng = random.Random(seed)
        self.wiring = wiring
        self.now_ns = 0
        self.position = start
        self.counts: Counter[str] = Counter()
        self.bounce: dict[int, Span] = {}  # closed (1) or open (0) -> (longest, all) false ns
        self.ramp_ns = 0  # in which a voltage goes from level to level, with noise
        self.active_ns = 0  # so long between two edges of the contacts, whatever the rate
        self.idle_ns = 0  # so long with all contacts open
        self.busy: list[Span] = []
        self.flips: defaultdict[str, list[Span]] = defaultdict(list)
        self.held: defaultdict[str, list[Span]] = defaultdict(list)  # by a magnet, or welded
        self.forced: defaultdict[str, list[Span]] = defaultdict(list)  # to a pulse's level
        self.shifts: list[tuple[int, int, int]] = []  # from, until, millivolts
        self.cable: list[tuple[int, int, int]] = []  # from, until, CUT or SHORT
        self.cover: list[Span] = []
        self._seed = seed
        self.pulses = pulses
        self._period_ns = round(NS_PER_S / rate_hz)
        self._knots = [(0, start)]
        self.rest(_BEFORE_NS)

    @property
    def edges(self) -> list[int]:
        """Places in the turn where a contact changes."""
        return sorted(e for c in self.wiring.contacts.values() for e in (c.closes, c.opens))

    def rest(self, span_ns: int) -> None:
        self.move(0, span_ns)

    def move(self, parts: int, span_ns: int) -> None:
        self.now_ns += span_ns
        self.position += parts
        self._knots.append((self.now_ns, self.position))

    def go(self, target: int) -> None:
        """Forward to a position, at the story's rate, every turn a little its own."""
        while self.position < target:
            turn_end = (self.position // TURN + 1) * TURN
            share = self.rng.uniform(0.9, 1.1)
            for edge in self._legs(min(turn_end, target)):
                parts = edge - self.position
                self.move(parts, self._span_ns(parts, share))

    def turns(self, count: int) -> None:
        self.go(self.position + count * TURN)

    def to_place(self, place: int) -> None:
        """Forward to the next such place of a turn."""
        self.go(self.position + (place - self.position) % TURN)

    def stops(self) -> Iterator[int]:
        """Go the story's way with stops at the turn's beginning; yields the turns to spare.

        Whatever is done at a stop may take up to so many whole turns forward.
        """
        count = min(3, self.pulses // 8)
        if count == 0:
            raise ValueError(f"a story needs 8 pulses or more, not {self.pulses}")
        gap = self.pulses // (count + 1)
        for n in range(1, count + 1):
            self.go((gap * n + self.rng.randrange(gap // 2)) * TURN)
            yield gap // 2

    def told(self, fault: str) -> Story:
        """Go to the end, rest, and write down what the wires showed."""
        self.go(self.pulses * TURN)
        self.rest(_AFTER_NS)
        forward, reverse = whole_turns(self._knots)
        return Story(
            fault,
            self.wiring,
            self._seed,
            self._wires(),
            self.now_ns,
            forward,
            reverse,
            dict(self.counts),
            tuple(self.busy),
        )

    def _legs(self, target: int) -> list[int]:
        turn = self.position // TURN * TURN
        return [turn + e for e in self.edges if self.position < turn + e < target] + [target]

    def _span_ns(self, parts: int, share: float) -> int:
        is_home = self.position % TURN in (0, self.edges[-1])
        if is_home and self.idle_ns:
            return self.idle_ns // 2
        if not is_home and self.active_ns:
            return self.active_ns
        return round(self._period_ns * share * parts / TURN)

    def _wires(self) -> dict[str, Train]:
        cable = train([(0, 0), *(c for a, b, v in self.cable for c in ((a, v), (b, 0)))])
        wires = {name: self._wire(name, cable) for name in self.wiring.contacts}
        if self.wiring.guarded:
            wires["loop"] = combine(lambda state: int(state == 1), cable)
            wires["cover"] = during(self.cover)
        return wires

    def _wire(self, name: str, cable: Train) -> Train:
        closed = self.wiring.contacts[name].train(self._knots)
        for value, false_ns in self.bounce.items():
            spans = bounces(closed, value, self.now_ns, self.rng, false_ns)
            closed = combine(int.__xor__, closed, during(spans))
        wire = self.wiring.signal(closed, during(self.held[name]), cable)
        disturb = self._disturb_voltage if self.wiring.is_analogue else self._disturb_level
        return disturb(wire, during(self.forced[name]), during(self.flips[name]))

    def _disturb_level(self, wire: Train, forced: Train, flips: Train) -> Train:
        active = self.wiring.active
        wire = combine(lambda level, on: active if on else level, wire, forced)
        return combine(int.__xor__, wire, flips)

    def _disturb_voltage(self, wire: Train, forced: Train, flips: Train) -> Train:
        middle = (OPEN_MV + CLOSED_MV) // 2

        def disturbed(mv: int, forced: int, flipped: int, shift: int) -> int:
            mv = CLOSED_MV if forced else mv
            if flipped:
                mv = OPEN_MV if mv > middle else CLOSED_MV
            return min(max(mv + shift, 0), FULL_MV)

        shift = train([(0, 0), *(c for a, b, mv in self.shifts for c in ((a, mv), (b, 0)))])
        return combine(disturbed, self._ramped(wire), forced, flips, shift)

    def _ramped(self, wire: Train) -> Train:
        if not self.ramp_ns:
            return wire
        changes = [wire[0]]
        before = wire[0][1]
        for begin, until, mv in dwells(wire, self.now_ns)[1:]:
            span_ns = min(self.ramp_ns, (until - begin) // 2)
            for at in range(0, span_ns, _RAMP_STEP_NS):
                noise = self.rng.randint(-_NOISE_MV, _NOISE_MV)
                changes.append((begin + at, before + (mv - before) * at // span_ns + noise))
            changes.append((begin + span_ns, mv))
            before = mv
        return train(changes)


def spread(
    rng: random.Random, begin_ns: int, end_ns: int, count: int, span_ns: Span
) -> list[Span]:
    """`count` spans of a drawn length, one in the first three quarters of each equal part."""
    part_ns = (end_ns - begin_ns) // count
    longest_ns = min(span_ns[1], part_ns * 3 // 4)
    spans = []
    for at_ns in range(begin_ns, begin_ns + count * part_ns, part_ns):
        length_ns = rng.randint(min(span_ns[0], longest_ns), longest_ns)
        begin = at_ns + rng.randint(0, part_ns * 3 // 4 - length_ns)
        spans.append((begin, begin + length_ns))
    return spans
