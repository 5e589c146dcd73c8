"""One point from the first dial to the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from rich.console import Console

from sibiao.commission.draw import Progress, draw, fresh
from sibiao.commission.entry import AGAIN, SIGN, Entries, what_then
from sibiao.commission.judge import Draw, Judged, judge, place_of
from sibiao.commission.seen import Seen, Source, patient, weight_m3
from sibiao.commission.shown import Shown
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point

_POLL_S = 3  # what one poll may take
_FEWEST_PLACES = 3  # of the dial's last place: less of a draw proves little


@dataclass(frozen=True)
class Asked:
    """`pulses`, `timeout_s`: how long is drawn. `quantity`: of the dial, where it is named.
    `once`: nothing but dials is asked for, and the first verdict holds."""

    pulses: int
    timeout_s: float
    quantity: str | None
    set_base: bool
    once: bool


class Proof:
    """Of one point. `draw` and `judged` are what is signed."""

    draw: Draw
    judged: Judged

    def __init__(
        self,
        loaded: Loaded,
        point: Point,
        source: Source,
        entries: Entries,
        asked: Asked,
        console: Console,
    ):
        self._loaded, self._point = loaded, point
        self._source, self._entries = source, entries
        self._asked, self._console = asked, console
        self.weight = weight_m3(loaded, point)
        self._roll = dial_roll(loaded, point)

    def run(self) -> None:
        dials, progress = self._drawn()
        while True:
            self._judge(dials, progress)
            if not self.judged.cause or self._asked.once or self._is_given():
                return
            self._say(f"{self.judged.cause}: {self.judged.said} {self.judged.todo}", "yellow")
            then = what_then()
            if then == SIGN:
                return
            self._entries.forget(self._point.name)
            if then == AGAIN:
                dials = self._dial(0, progress.begun), self._dial(1, progress.begun)
            else:
                dials, progress = self._drawn()

    def _is_given(self) -> bool:
        return self._entries.is_given(self._point.name)

    def _drawn(self) -> tuple[tuple[str, str], Progress]:
        before = patient(self._source)
        first = self._dial(0, before)
        begun = patient(self._source)
        progress = Progress(begun, self._target(first), self._asked.timeout_s, begun)
        if progress.is_bus:
            every_s = self._loaded.community.policy.poll_every_s
            until = f"the value changes (the converter asks its meter every {every_s} s)"
        else:
            until = f"{progress.target} pulses have come"
        self._say(f"{self._point.name}: draw until {until}; Ctrl-C ends it earlier")
        with Shown(self._console, self._point.name) as shown:
            draw(self._source, progress, shown)
        last = self._dial(1, begun)
        progress.now = self._settled(progress)
        return (first, last), progress

    def _settled(self, progress: Progress) -> Seen:
        now = patient(self._source)
        if not progress.is_bus:
            return now
        policy = self._loaded.community.policy
        limit_s = policy.poll_every_s + policy.poll_jitter_s + _POLL_S

        def waiting(left_s: float) -> None:
            if self._console.is_terminal:
                text = f"waiting for the next poll, {left_s:3.0f} s at most"
                self._console.print(text, end="\r", style="dim")

        return fresh(self._source, now, limit_s, waiting)

    def _target(self, first: str) -> int:
        """A dial read to a coarse place needs more pulses."""
        if self.weight is None:
            return 1
        coarse = math.ceil(_FEWEST_PLACES * place_of(first) / self.weight)
        return max(self._asked.pulses, coarse)

    def _judge(self, dials: tuple[str, str], progress: Progress) -> None:
        self.draw = Draw(
            (Decimal(dials[0]), Decimal(dials[1])),
            (progress.begun, progress.now),
            max(map(place_of, dials)),
            None if self._roll is None else Fraction(self._roll),
            progress.rises,
            progress.bursts,
        )
        self.judged = judge(self.draw, self.weight)

    def _dial(self, which: int, seen: Seen) -> str:
        return self._entries.dial(self._point.name, which, seen.unit or "m3", self._roll)

    def _say(self, text: str, style: str | None = None) -> None:
        say(self._console, text, style)


def say(console: Console, text: str, style: str | None = None) -> None:
    """Folded on a terminal only: a program's lines are whole sentences."""
    whole = not console.is_terminal
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=whole)


def dial_roll(loaded: Loaded, point: Point) -> Decimal | None:
    """Where the dial begins again, m3; of a bus meter nobody says."""
    meter = loaded.meters[point.meter]
    if meter.link != "pulse":
        return None
    return Decimal(10) ** meter.dial_digits * Decimal(10) ** meter.weight.exponent


def as_base(loaded: Loaded, point: Point, dial: Decimal) -> str:
    """The dial as the node's index has it: its finest figures are left out."""
    last = Decimal(10) ** min(0, loaded.meters[point.meter].weight.exponent)
    return f"{dial.quantize(last, ROUND_DOWN):f}"
