"""Weeks of a converter with four water meters and of a person who reads their dials: the two CSV
files that `sibiao reconcile` takes, from the firmware in virtual time, and what truly was wrong.

A day is what runs on it, at 3 to 6 pulses a second, and a reading of each dial; the hours in which
nothing runs are left out. The dates are the reader's, as those of a collected file are.
"""

from __future__ import annotations

import dataclasses
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from sibiao.config.load import Loaded
from sibiao.node.vm.virtual import VirtualNode
from sibiao.reconcile.table import COLLECTED, MANUAL, write
from sibiao.sim.pulse_faults import FAULTS
from sibiao.sim.pulse_player import PulsePlayer
from sibiao.sim.pulse_story import Teller
from sibiao.sim.pulse_train import TURN
from sibiao.sim.wiring import SINGLE, Wiring

from tests.node.asking import MS, S, read
from tests.soak.million_pulses import four_inputs

WEIGHT = Fraction(1, 100)  # m3 a pulse, as the community has it
_BASE = 10_000  # pulses on the dial at the start
_FROM = datetime(2026, 3, 2, 8)
_LIMIT_NS = 3600 * S
_REGISTERS = {  # quantity -> (identifier, decimals, unit)
    "volume": ("00010000", 2, "m3"),
    "pulses": ("E0000900", 0, ""),
}
_PROOF = {"status": "E0004200", "generation": "E0000D00", "sequence": "E0000C00"}
_PROOF |= {"loss_bound": "E0000E00", "gap": "E0000F00"}
_STARTS = "E0002000"

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
        m3 = _BASE * WEIGHT + self.weight * Fraction(self.position, TURN)
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
_MISREAD = 0.01  # of the dials: one figure is wrong


@dataclass
class Rounds:
    """`truths`: point -> (cause, what); both CSV files are in `folder`."""

    manual: Path
    collected: Path
    loaded: Loaded
    truths: dict[str, tuple[str, str]]
    node_s: float


def scenes_of(seed: int) -> list[Scene]:
    """Every fifth node loses its power while water runs; of the others every third, and then at
    rest, when all is written."""
    rng = random.Random(seed)
    if seed % 5 == 0:
        return [_gap(rng) for _ in range(4)]
    return [rng.choice(SCENES)(rng) for _ in range(4)]


def walk(seed: int, folder: Path, days: int = 31, scenes: list[Scene] | None = None) -> Rounds:
    scenes = scenes or scenes_of(seed)
    loaded = _community(scenes)
    walked = _Walk(seed, loaded, scenes, folder)
    for _ in range(days):
        walked.day()
    walked.close()
    manual, collected = folder / f"dials-{seed}.csv", folder / f"collected-{seed}.csv"
    write(manual, MANUAL, walked.manual)
    write(collected, COLLECTED, walked.collected)
    truths = {
        p.name: (_true(s, walked.worst[p.name]), s.what)
        for p, s in zip(loaded.community.points, scenes, strict=True)
    }
    return Rounds(manual, collected, loaded, truths, walked.node_ns / S)


def _true(scene: Scene, worst: Fraction) -> str:
    """A fault that has cost no pulse has done nothing."""
    return scene.cause if worst > 1 else "none"


def _community(scenes: list[Scene]) -> Loaded:
    loaded = four_inputs()
    profile = loaded.meters[loaded.community.points[0].meter]
    meters, points = {}, []
    for scene, point in zip(scenes, loaded.community.points, strict=True):
        name = f"reed-of-{point.name}"
        changes = {"min_active_ms": scene.filter_ms, "min_idle_ms": scene.filter_ms}
        # What the profile promises of the contact fits its filter: that may be what is wrong.
        shortest = max(profile.shortest_active_ms, scene.filter_ms)
        changes |= {"shortest_active_ms": shortest, "shortest_idle_ms": shortest}
        changes |= {"alarms": type(profile.alarms)()}
        meters[name] = profile.model_copy(update=changes)
        base = f"{float((_BASE + scene.base) * WEIGHT):.2f}"
        points.append(point.model_copy(update={"meter": name, "base_reading": base}))
    community = loaded.community.model_copy(update={"points": points})
    return dataclasses.replace(loaded, community=community, meters=meters)


class _Walk:
    def __init__(self, seed: int, loaded: Loaded, scenes: list[Scene], folder: Path):
        self.manual: list[dict] = []
        self.collected: list[dict] = []
        self.node_ns = 0
        self._rng = random.Random(f"walk {seed}")
        self._cuts_at_rest = seed % 3 == 0
        self._loaded = loaded
        self._points = list(zip(loaded.community.points, scenes, strict=True))
        self.worst = {point.name: Fraction(0) for point, _ in self._points}
        self._when = _FROM
        self._folder = tempfile.TemporaryDirectory(dir=folder)
        self._node = self._open()
        self._note()

    def day(self) -> None:
        rng = self._rng
        back = [scene.back(rng) for _, scene in self._points]
        if any(back):
            pairs = zip(self._points, back, strict=True)
            self._play([self._backwards(scene, turns) for (_, scene), turns in pairs])
            self._when += timedelta(hours=9)
            self._note()
            self._when -= timedelta(hours=9)
        self._play([self._story(scene) for _, scene in self._points])
        if any(scene.cuts for _, scene in self._points):
            if rng.random() < 0.35:
                self._cut()
        elif self._cuts_at_rest and rng.random() < 0.1:
            self._node.run(10 * S)
            self._shut()
            self._node = self._open()
        self._when += timedelta(days=1)
        self._note()

    def close(self) -> None:
        self._shut()
        self._folder.cleanup()

    def _open(self) -> VirtualNode:
        node = VirtualNode(self._loaded, image=Path(self._folder.name, "flash"))
        for point, scene in self._points:
            closed = Wiring(SINGLE).contacts["a"]
            level = int(not closed.closes <= scene.position % TURN < closed.opens)
            node.set_pin(self._gpio(point), level)
        node.run(3 * S)
        return node

    def _shut(self) -> None:
        self.node_ns += self._node.clock.now_ns
        self._node.close()

    def _cut(self) -> None:
        """In the midst of use: what is not written is lost, and water runs on in the dark."""
        self._play([self._story(scene) for _, scene in self._points], settle=False)
        self._shut()
        for _, scene in self._points:
            scene.position += self._rng.randrange(30) * TURN
        self._node = self._open()
        self._play([self._story(scene) for _, scene in self._points])

    def _gpio(self, point) -> int:
        return self._loaded.board.pulse_inputs[point.wired_to].gpio

    def _story(self, scene: Scene):
        """What runs on a day, from where the wheel stands to any place of a turn."""
        rng = self._rng
        pulses = rng.randint(10, 40)
        start = scene.position % TURN
        teller = Teller(Wiring(SINGLE), pulses, rng.uniform(*scene.rate_hz), rng.random(), start)
        tell = scene.day(rng)
        if tell:
            tell(teller)
        teller.go(pulses * TURN + rng.randrange(TURN))
        return scene, teller

    def _backwards(self, scene: Scene, turns: int):
        start = scene.position % TURN
        teller = Teller(Wiring(SINGLE), -turns, 4, self._rng.random(), start)
        for _ in range(turns):
            teller.move(-TURN, S // 2)
        return scene, teller

    def _play(self, told, settle: bool = True) -> None:
        players = []
        for (point, _), (scene, teller) in zip(self._points, told, strict=True):
            story = teller.told("")
            scene.position += teller.position - scene.position % TURN
            players.append(PulsePlayer(self._node, story, {"a": self._gpio(point)}))
        assert self._node.run_until(lambda: all(p.done for p in players), _LIMIT_NS)
        if settle:
            self._node.run(S)

    def _note(self) -> None:
        """The person at the dial, and the electricity meter within the same minute."""
        at = self._when + timedelta(minutes=self._rng.randrange(90))
        starts = read(self._node, self._loaded.community.address, _STARTS)
        for number, (point, scene) in enumerate(self._points, 1):
            proof = {
                name: said if isinstance(said := read(self._node, point.address, di), int) else ""
                for name, di in _PROOF.items()
            }
            for quantity, (di, decimals, unit) in _REGISTERS.items():
                value = read(self._node, point.address, di)
                self.collected.append(
                    {
                        "time": (at + timedelta(seconds=self._rng.randrange(40))).isoformat(),
                        "converter": self._loaded.community.address,
                        "address": point.address,
                        "point": number,
                        "quantity": quantity,
                        "value": f"{value / 10**decimals:.{decimals}f}",
                        "unit": unit,
                        "value_time": "",
                        "starts": starts,
                        **proof,
                    }
                )
                if quantity == "volume":
                    off = abs(value - int(scene.dial_m3() / WEIGHT))
                    self.worst[point.name] = max(self.worst[point.name], Fraction(off))
            dial = self._read(scene.dial_m3())
            as_litres = number == 2
            self.manual.append(
                {
                    "time": at.isoformat(timespec="minutes"),
                    "meter": point.address if number % 2 else point.name,
                    "dial": str(int(dial * 1000)) if as_litres else f"{float(dial):.3f}",
                    "unit": "L" if as_litres else "m3",
                }
            )

    def _read(self, dial_m3: Fraction) -> Fraction:
        if self._rng.random() >= _MISREAD:
            return dial_m3
        wrong = self._rng.choice((-3, -1, 1, 2)) * self._rng.choice((Fraction(1, 10), 1, 10))
        return dial_m3 + wrong
