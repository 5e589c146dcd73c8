"""What a save policy costs: the most a power cut can lose, and how long the flash lasts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from converter.store import history

from sibiao.config.device import wear
from sibiao.config.device.records import record_sizes, written_sizes
from sibiao.config.load import Loaded
from sibiao.config.schema.board import Flash
from sibiao.config.schema.community import Save
from sibiao.config.schema.pulse import PulseMeter

_BLOCK = 4096
_USED_BLOCKS = 62  # two slots and the records
# The Pico's: what a board has that does not tell its own.
PICO_FLASH = Flash(part="", files_bytes=352 * _BLOCK, program_ms=[0.7, 3], erase_ms=[60, 400])
_FRAM_MS = 20  # an I2C write of the largest record, read back
_REST_S = 3  # a commit waits no longer for the uplink's rest, and is made within a second
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
        return _is_covered(self.hold_up_ms, self.commit_ms)


def loss_bound_pulses(loaded: Loaded, meter: PulseMeter) -> int:
    """The most that a power cut can cost: what the save policy leaves unwritten, and what comes
    at the largest flow while a write waits for the line's rest; nothing where the board says in
    time that its supply fails."""
    supply = loaded.board.supply
    if supply and _is_covered(supply.hold_up_ms, commit_ms(loaded)):
        return 0
    return left_unwritten(loaded.community.policy.save, meter.max_pulses_per_h)


def left_unwritten(save: Save, per_h: float) -> int:
    """The most pulses, at so many an hour, that a power cut without warning can cost."""
    waiting_s = save.at_most_every_s + _REST_S
    by_pulses = save.every_pulses + math.ceil(per_h * waiting_s / 3600)
    return min(by_pulses, math.ceil(per_h * (save.at_least_every_s + waiting_s) / 3600))


def free_blocks(loaded: Loaded) -> int:
    """Over which the file system spreads its erases."""
    return (loaded.board.flash or PICO_FLASH).files_bytes // _BLOCK - _USED_BLOCKS


def commit_ms(loaded: Loaded) -> tuple[float, float]:
    """How long it takes to write every total: typical, and with the slowest flash."""
    points = sum(loaded.meters[p.meter].link == "pulse" for p in loaded.community.points)
    if loaded.board.fram is not None:
        return _FRAM_MS * points, _FRAM_MS * points
    flash = loaded.board.flash or PICO_FLASH
    # One after the other, and at the worst littlefs rewrites the directory meanwhile.
    typical, slowest = (
        (wear.WORST_PROGRAMS + max(points - 1, 0)) * program_ms + wear.WORST_ERASES * erase_ms
        for program_ms, erase_ms in zip(flash.program_ms, flash.erase_ms, strict=True)
    )
    return typical, slowest


def _is_covered(hold_up_ms: int | None, commit_ms: tuple[float, float]) -> bool:
    return hold_up_ms is not None and hold_up_ms >= commit_ms[1]


def life(loaded: Loaded) -> Life:
    """At the largest flow of every meter, without a pause: nothing real is worse."""
    sizes = record_sizes(loaded) | written_sizes(loaded)
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
        wear.life_years(erases, free_blocks(loaded)),
        commit_ms(loaded),
        supply and supply.hold_up_ms,
    )


def _point(loaded: Loaded, number: int, name: str, meter: PulseMeter, sizes: dict) -> PointLife:
    save = loaded.community.policy.save
    per_h = meter.max_pulses_per_h
    by_pulses = per_h / save.every_pulses
    by_time = min(per_h, 3600 / save.at_least_every_s)
    commits = min(max(by_pulses, by_time), 3600 / save.at_most_every_s)
    erases = 0.0
    if loaded.board.fram is None:
        own = sizes[f"total{number}"]
        beside = [size for other, size in sizes.items() if other != f"total{number}"]
        erases = commits * wear.erases_per_commit(own, beside)
    loss = loss_bound_pulses(loaded, meter)
    return PointLife(name, loss, loss * meter.m3_per_pulse, commits, erases)
