"""Weeks of a converter with four water meters and of a person who reads their dials: the two CSV
files that `sibiao reconcile` takes, from the firmware in virtual time, and what truly was wrong.

A day is what runs on it, at 3 to 6 pulses a second, and a reading of each dial; the hours in which
nothing runs are left out. The dates are the reader's, as those of a collected file are.
"""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from sibiao.config.load import Loaded
from sibiao.node.vm.virtual.board import posed
from sibiao.reconcile.table import COLLECTED, MANUAL, write
from sibiao.sim.pulse.player import PulsePlayer
from sibiao.sim.pulse.story import Teller
from sibiao.sim.pulse.train import TURN
from sibiao.sim.pulse.wiring import SINGLE, Wiring

from tests.node.asking import S, read
from tests.node.dial_scenes import BASE, WEIGHT, Scene, scenes_of
from tests.soak.million_pulses import four_inputs

_FROM = datetime(2026, 3, 2, 8)
_LIMIT_NS = 3600 * S
_REGISTERS = {  # quantity -> (identifier, decimals, unit)
    "volume": ("00010000", 2, "m3"),
    "pulses": ("E0000900", 0, ""),
}
_PROOF = {"status": "E0004200", "generation": "E0000D00", "sequence": "E0000C00"}
_PROOF |= {"loss_bound": "E0000E00", "gap": "E0000F00"}
_STARTS = "E0002000"

_MISREAD = 0.01  # of the dials: one figure is wrong


@dataclass
class Rounds:
    """`truths`: point -> (cause, what); both CSV files are in `folder`."""

    manual: Path
    collected: Path
    loaded: Loaded
    truths: dict[str, tuple[str, str]]
    node_s: float


def walk(seed: int, folder: Path, days: int = 31, scenes: list[Scene] | None = None) -> Rounds:
    scenes = scenes or scenes_of(seed)
    loaded = _community(scenes)
    walked = _Walk(seed, loaded, scenes)
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
        base = f"{float((BASE + scene.base) * WEIGHT):.2f}"
        points.append(point.model_copy(update={"meter": name, "base_reading": base}))
    community = loaded.community.model_copy(update={"points": points})
    return dataclasses.replace(loaded, community=community, meters=meters)


class _Walk:
    def __init__(self, seed: int, loaded: Loaded, scenes: list[Scene]):
        self.manual: list[dict] = []
        self.collected: list[dict] = []
        self.node_ns = 0
        self._rng = random.Random(f"walk {seed}")
        self._cuts_at_rest = seed % 3 == 0
        self._loaded = loaded
        self._points = list(zip(loaded.community.points, scenes, strict=True))
        self.worst = {point.name: Fraction(0) for point, _ in self._points}
        self._when = _FROM
        self._node = posed(loaded)
        self._wake()
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
            self._node.power_cut()
            self._wake()
        self._when += timedelta(days=1)
        self._note()

    def close(self) -> None:
        self.node_ns = self._node.clock.now_ns
        self._node.close()

    def _wake(self) -> None:
        node = self._node
        for point, scene in self._points:
            closed = Wiring(SINGLE).contacts["a"]
            level = int(not closed.closes <= scene.position % TURN < closed.opens)
            node.set_pin(self._gpio(point), level)
        node.run(3 * S)

    def _cut(self) -> None:
        """In the midst of use: what is not written is lost, and water runs on in the dark."""
        self._play([self._story(scene) for _, scene in self._points], settle=False)
        self._node.power_cut()
        for _, scene in self._points:
            scene.position += self._rng.randrange(30) * TURN
        self._wake()
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
