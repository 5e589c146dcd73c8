"""Meters for rounds of dial readings: what is wrong with each, and how it comes about."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from sibiao.sim.pulse.faults import FAULTS
from sibiao.sim.pulse.story import Teller
from sibiao.sim.pulse.train import TURN

from tests.node.asking import MS

WEIGHT = Fraction(1, 100)  # m3 a pulse, as the community has it
BASE = 10_000  # pulses on the dial at the start

Tell = Callable[[Teller], None]


@dataclass
class Scene:
    """One meter: `cause` is the truth, `what` tells it. `filter_ms` and `base` are the
    community's, `weight` (m3 a turn) is the meter's own; `day` and `night` disturb the wheel."""

    cause: str
    what: str
    filter_ms: float = 10
    weight: Fraction = WEIGHT
    base: int = 0  # pulses by which the community's base reading is off
    rate_hz: tuple[float, float] = (3.0, 6.0)
    day: Callable[[random.Random], Tell | None] = lambda rng: None
    back: Callable[[random.Random], int] = lambda rng: 0  # turns that run back over night
    cuts: bool = False
    position: int = field(default=0)  # of the wheel since the start, in parts of a turn

    def dial_m3(self) -> Fraction:
        """To a litre, as the dial's red figures show it."""
        m3 = BASE * WEIGHT + self.weight * Fraction(self.position, TURN)
        return Fraction(int(m3 * 1000), 1000)


def often(fault: str, share: float):
    return lambda rng: FAULTS[fault] if rng.random() < share else None


def bouncing(closing: bool, longest_us: int, all_us: int):
    def tell(t: Teller) -> None:
        t.bounce[int(closing)] = (longest_us * 1000, all_us * 1000)

    return lambda rng: tell


def _quiet(rng: random.Random) -> Scene:
    faults = ("clean", "bounce_closing", "bounce_opening", "slow_edges", "disturbances")
    faults += ("emi_burst", "mains_pickup", "button_shift", "vibration_at_edge")
    fault = rng.choice(faults)
    return Scene("none", f"{fault}, which the filter absorbs", day=often(fault, 0.7))


def _bounce(rng: random.Random) -> Scene:
    closing = rng.random() < 0.5
    edge = "closing" if closing else "opening"
    if rng.random() < 0.5:
        filter_ms = rng.choice((0.08, 0.1, 0.12, 0.15, 0.17))
        what = f"bounce of up to 0.2 ms when {edge}, filter {filter_ms} ms"
        return Scene("bounce", what, filter_ms, day=bouncing(closing, 200, 1000))
    longest = rng.choice((5500, 6000, 7000, 8000))
    what = f"bounce of up to {longest / 1000} ms when {edge}, filter 5 ms"
    day = bouncing(closing, longest, rng.choice((12_000, 16_000, 25_000)))
    return Scene("bounce", what, 5, day=day)


def _missed(rng: random.Random) -> Scene:
    kind = rng.randrange(3)
    if kind == 0:
        rate = rng.uniform(3, 5)
        filter_ms = round(400 / rate * rng.uniform(0.93, 1.05), 1)
        what = f"filter {filter_ms} ms, contact closed for about {400 / rate:.0f} ms"
        return Scene("missed", what, filter_ms, rate_hz=(rate, rate))
    if kind == 1:
        share = rng.choice((0.2, 0.4, 0.8))

        def rush(rng):
            def tell(t: Teller) -> None:
                t.active_ns = 38 * MS

            return tell if rng.random() < share else None

        what = f"filter 40 ms, contact closed for 38 ms on {share:.0%} of the days"
        return Scene("missed", what, 40, day=rush)
    fault = rng.choice(("stuck_closed", "cable_cut_in_flow", "magnet_in_flow"))
    return Scene("missed", f"{fault} on some days", day=often(fault, 0.4))


def _backflow(rng: random.Random) -> Scene:
    nights = rng.choice((0.15, 0.3, 0.5))
    days = rng.choice((0, 0.2, 0.5))
    return Scene(
        "backflow",
        f"water runs back in {nights:.0%} of the nights and {days:.0%} of the days",
        day=often("backflow", days),
        back=lambda rng: rng.randint(2, 6) if rng.random() < nights else 0,
    )


def _weight(rng: random.Random) -> Scene:
    factor = rng.choice(("1/10", "10", "1/2", "2", "1/4", "4", "5/2", "2/5", "5", "1/5", "100"))
    weight = WEIGHT * Fraction(factor)
    return Scene("wrong weight", f"a turn is {float(weight)} m3", weight=weight)


def _base(rng: random.Random) -> Scene:
    off = rng.choice((-1, 1)) * rng.choice((3, 5, 10, 87, 100, 900, 4321))
    return Scene("wrong base", f"base reading off by {off} pulses", base=off)


def _swung(rng: random.Random) -> Scene:
    fault = rng.choice(("swing_at_edge", "water_hammer"))
    return Scene("unclear", f"{fault} on some days", day=often(fault, 0.4))


def _gap(rng: random.Random) -> Scene:
    return Scene("gap", "power cuts while water runs", cuts=True)


def _two(rng: random.Random) -> Scene:
    scene = rng.choice((_bounce, _missed, _backflow))(rng)
    base = _base(rng)
    scene.cause += " + wrong base"
    scene.what += ", " + base.what
    scene.base = base.base
    return scene


SCENES = (_quiet, _bounce, _missed, _backflow, _weight, _base, _swung, _two)


def scenes_of(seed: int) -> list[Scene]:
    """Every fifth node loses its power while water runs; of the others every third, and then at
    rest, when all is written."""
    rng = random.Random(seed)
    if seed % 5 == 0:
        return [_gap(rng) for _ in range(4)]
    return [rng.choice(SCENES)(rng) for _ in range(4)]
