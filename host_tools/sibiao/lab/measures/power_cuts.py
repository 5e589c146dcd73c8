"""What a module still knows after its supply was gone: its totals, and the time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from converter.model import alarms

from sibiao.config.device.life import left_unwritten
from sibiao.lab.measures.contact import dial_m3, pulse_points, set_off, turning
from sibiao.lab.stands.reading import Uplink
from sibiao.lab.stands.stand import Stand

_SPANS_S = (2.0, 7.0)
_EXCHANGES_S = 0.8  # two reads of the uplink
START_LIMIT_S = 60
_SET = datetime(2026, 12, 25, 10, 30)
_COMMISSIONED_S = 4  # until a changed clock is on the record
_TOLD_S = 5  # until an alarm stands in the register


@dataclass(frozen=True)
class CutSeen:
    """Of one point. `kept_at_least`: what was on the record by what the module had told of its
    commits; `bound`: pulses that its policy may leave unwritten at this rate. `restored` None: it
    did not come back. `index_true`: its dial is base and pulses."""

    at_s: float
    emitted: int
    kept_at_least: int
    bound: int
    restored: int | None
    index_true: bool

    @property
    def lost(self) -> int | None:
        return None if self.restored is None else self.emitted - self.restored

    @property
    def below_commit(self) -> int:
        """Pulses that had been written and are gone, or more than the policy may lose."""
        least = max(self.kept_at_least, self.emitted - self.bound)
        return max(0, least - (self.restored or 0))

    @property
    def above_truth(self) -> int:
        return max(0, (self.restored or 0) - self.emitted)

    @property
    def sound(self) -> bool:
        return self.index_true and not self.below_commit and not self.above_truth


def cut(stand: Stand, seed: int) -> list[CutSeen]:
    """Pulses on every input as quick as the meters give them, the supply gone in the middle of it,
    and what stands in the registers after the start."""
    rng = random.Random(seed)
    uplink = Uplink(stand)
    span_s = rng.uniform(*_SPANS_S)
    points = list(pulse_points(stand.loaded))
    before = {of.number: uplink.count("pulses", of.number) or 0 for of in points}
    wheels = [turning(of, span_s, of.pulse_s, rng) for of in points]
    began_s = stand.now_s()
    set_off(stand, wheels)
    kept = _followed(stand, uplink, [of.number for of in points], began_s + span_s)
    at_s = stand.now_s() - began_s
    stand.power_cut()
    awake = uplink.awake(START_LIMIT_S) is not None
    seen = []
    for of, wheel in zip(points, wheels, strict=True):
        restored = uplink.count("pulses", of.number) if awake else None
        index = uplink.value("volume", of.number) if awake else None
        seen.append(
            CutSeen(
                at_s,
                before[of.number] + wheel.dial(at_s),
                kept[of.number],
                left_unwritten(stand.loaded.community.policy.save, 3600 / of.pulse_s),
                restored,
                restored is not None and index == dial_m3(of, restored),
            )
        )
    return seen


def _followed(stand: Stand, uplink: Uplink, numbers: list[int], until_s: float) -> dict[int, int]:
    """Pulses of each point that were on its record for certain: a commit that came after they
    had been told holds them."""
    kept = dict.fromkeys(numbers, 0)
    told: dict[int, tuple[int, int]] = {}
    turn = 0
    while numbers and stand.now_s() + _EXCHANGES_S < until_s:
        number = numbers[turn % len(numbers)]
        turn += 1
        pulses, generation = uplink.count("pulses", number), uplink.count("generation", number)
        if pulses is None or generation is None:
            continue
        pulses_before, generation_before = told.get(number, (0, generation))
        if generation > generation_before:
            kept[number] = pulses_before
        told[number] = pulses, generation
    stand.run(max(0.0, until_s - stand.now_s()))
    return kept


@dataclass(frozen=True)
class ClockSeen:
    """`error_s`: told less what it was; None: told as unknown. `lost_alarm`: it says so."""

    fitted: bool
    error_s: float | None
    lost_alarm: bool


def clock_over_outage(stand: Stand, off_s: float) -> ClockSeen:
    uplink = Uplink(stand)
    stand.console().command(f"time {_SET:%Y-%m-%dT%H:%M:%S}", "time")
    set_s = stand.now_s()
    stand.run(_COMMISSIONED_S)
    stand.power_cut(off_s)
    uplink.awake(START_LIMIT_S)
    told = uplink.clock()
    error_s = None
    if told is not None:
        true = _SET + timedelta(seconds=stand.now_s() - set_s)
        error_s = (told - true).total_seconds()
    stand.run(_TOLD_S)
    latched = uplink.count("alarms", 0) or 0
    return ClockSeen(
        stand.loaded.board.rtc is not None, error_s, bool(latched >> alarms.CLOCK_LOST & 1)
    )
