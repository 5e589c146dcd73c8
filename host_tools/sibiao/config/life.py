"""What a save policy costs: the most a power cut can lose, and how long the flash lasts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from converter.store import history

from sibiao.config import wear
from sibiao.config.load import Loaded
from sibiao.config.pulses import loss_bound_pulses, max_pulses_per_h
from sibiao.config.records import record_sizes
from sibiao.config.schema_pulse import PulseMeter

# The Pico's flash: 352 blocks of 4096 bytes, some 60 of them hold two slots and the records.
FREE_BLOCKS = 290
# Data sheets of its part: typical and slowest.
PROGRAM_MS, ERASE_MS = (0.7, 3), (60, 400)
_FRAM_MS = 20  # an I2C write of the largest record, read back
_FREEZES_PER_H = 1 + 1 / 24 + 13 / (365.25 * 24)


@dataclass(frozen=True)
class PointLife:
    """One pulse point, its meter running at its largest flow for ever."""

    name: str
    loss_pulses: int
    loss_m3: Decimal
    commits_per_h: float
    erases_per_h: float


@dataclass(frozen=True)
class Life:
    """All of a community. Times in ms: typical, and by the slowest part."""

    points: list[PointLife]
    erases_per_h: float
    flash_years: float
    commit_ms: tuple[float, float]
    hold_up_ms: int | None

    @property
    def covered(self) -> bool:
        """Whether the supply holds out until everything is written, so that a cut loses nothing
        that was counted."""
        return self.hold_up_ms is not None and self.hold_up_ms >= self.commit_ms[1]


def life(loaded: Loaded) -> Life:
    """At the largest flow of every meter, without a pause: nothing real is worse."""
    sizes = record_sizes(loaded)
    points = [
        _point(loaded, number, p.name, loaded.meters[p.meter], sizes)
        for number, p in enumerate(loaded.community.points, 1)
        if loaded.meters[p.meter].link == "pulse"
    ]
    in_history = wear.erases_per_commit(history.SIZE, [history.SIZE] * 13)
    erases = sum(p.erases_per_h for p in points)
    erases += _FREEZES_PER_H * len(loaded.community.points) * in_history
    supply = loaded.board.supply
    return Life(
        points,
        erases,
        wear.life_years(erases, FREE_BLOCKS),
        tuple(_commit_ms(loaded, len(points), kind) for kind in (0, 1)),
        supply and supply.hold_up_ms,
    )


def _point(loaded: Loaded, number: int, name: str, meter: PulseMeter, sizes: dict) -> PointLife:
    save = loaded.community.policy.save
    per_h = max_pulses_per_h(meter)
    by_pulses = per_h / save.every_pulses
    by_time = min(per_h, 3600 / save.at_least_every_s)
    commits = min(max(by_pulses, by_time), 3600 / save.at_most_every_s)
    erases = 0.0
    if loaded.board.fram is None:
        own = sizes[f"total{number}"]
        beside = [size for other, size in sizes.items() if other != f"total{number}"]
        erases = commits * wear.erases_per_commit(own, beside)
    loss = loss_bound_pulses(loaded, meter)
    weight = meter.weight
    m3 = Decimal(loss * weight.numerator) / weight.denominator * Decimal(10) ** weight.exponent
    return PointLife(name, loss, m3, commits, erases)


def _commit_ms(loaded: Loaded, points: int, kind: int) -> float:
    # All totals one after the other; the directory is compacted once meanwhile, at the worst.
    if loaded.board.fram is not None:
        return _FRAM_MS * points
    program_ms, erase_ms = PROGRAM_MS[kind], ERASE_MS[kind]
    appended = max(points - 1, 0) * program_ms
    return wear.WORST_PROGRAMS * program_ms + wear.WORST_ERASES * erase_ms + appended
