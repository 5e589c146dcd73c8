"""Runs a community's firmware in virtual time and says what came of every pulse."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sibiao.config.load import Loaded
from sibiao.node.vm import flash
from sibiao.node.vm.virtual.board import board_files
from sibiao.node.vm.virtual.life import life
from sibiao.node.vm.virtual.registers import pulse_points, registers

_PERIOD_US = 50_000
# A little off 20 Hz, each by another amount: every phase between two inputs comes by.
_DETUNED_US = (-38, 0, 14, 30)
_SETTLE_S = 3  # beyond the policy's time, for the rest that a commit waits for


@dataclass(frozen=True)
class Result:
    """What was emitted, counted, and restored after the power cut at the end, an entry an input;
    what the reader saw meanwhile; what went to flash. Times are the node's, but for `wall_s`."""

    ended: str
    emitted: list[int]
    counted: list[int | None]
    restored: list[int | None]
    indexes_true: bool
    edges: int
    interrupts: int
    reads_tried: int
    reads_answered: int
    reads_unsound: int
    reads_above_truth: int
    reads_backwards: int
    most_pulses_behind: int
    shortest_turnaround_us: int
    longest_turnaround_us: int
    overruns: int
    commits: int
    programs: int
    erases: int
    flash_us: int
    virtual_us: int
    wall_s: float
    printed: str

    @property
    def lost(self) -> int:
        return sum(max(0, e - c) for e, c in self._pairs())

    @property
    def extra(self) -> int:
        return sum(max(0, c - e) for e, c in self._pairs())

    def _pairs(self) -> list[tuple[int, int]]:
        # An input that could not be read has lost all.
        return [(e, c or 0) for e, c in zip(self.emitted, self.counted, strict=True)]


def run(
    loaded: Loaded,
    pulses: int,
    seed: int,
    *,
    flash_time: bool = False,
    handler_us: int = 50,
    look_us: int = 20,
    bounce_us: int = 1000,
    gap_us: tuple[int, int] = (30_000, 300_000),
    sources: dict[str, str] | None = None,
    limit_s: float = 3600.0,
) -> Result:
    """`pulses` at 20 Hz, shared out evenly to the community's pulse inputs, while a reader asks
    `gap_us` after each answer. `sources` replaces the firmware's own. With `flash_time` a page
    program takes 0.7 ms and an erase 60 ms with interrupts off. `handler_us` is how long one
    interrupt delays the next, `look_us` what the program takes for each look at the hardware.
    `limit_s` of wall time, then SibiaoError."""
    policy = loaded.community.policy
    rows = registers(loaded)
    inputs = len(pulse_points(loaded))
    world = {
        "seed": seed,
        "geometry": flash.GEOMETRY,
        "flash_time": flash_time,
        "handler_us": handler_us,
        "look_us": look_us,
        "bounce_us": bounce_us,
        "gap_us": gap_us,
        "settle_us": (policy.save.at_least_every_s + _SETTLE_S) * 1_000_000,
        "uplink": loaded.board.uarts["uplink"].uart,
        "registers": rows,
    }
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "flash")
        flash.write_image(image, board_files(loaded, sources))
        world |= {"flash": str(image), "trains": _trains(loaded, pulses), "before": [0] * inputs}
        seen, printed = life(world, limit_s)
        # The supply was cut; the node starts again, and shows what it had committed.
        world |= {"trains": [], "before": seen["emitted"]}
        after, printed_after = life(world, limit_s)
    final = seen.pop("final")
    truth = [o + seen["emitted"][i] * n // d for _, _, i, o, n, d in rows]
    return Result(
        **seen,
        counted=_padded(final, inputs),
        restored=_padded(after["final"], inputs),
        indexes_true=final[inputs:] == truth[inputs:],
        wall_s=time.monotonic() - started,
        printed=printed + printed_after,
    )


def _padded(final: list[int | None], inputs: int) -> list[int | None]:
    # A life that ended before its time has read less than there is.
    return (final + [None] * inputs)[:inputs]


def _trains(loaded: Loaded, pulses: int) -> list[dict[str, int]]:
    points = pulse_points(loaded)
    share, rest = divmod(pulses, len(points))
    trains = []
    for i, (_, point) in enumerate(points):
        wire = loaded.board.pulse_inputs[point.wired_to]
        trains.append(
            {
                "gpio": wire.gpio,
                "active": int(wire.active == "high"),
                "period_us": _PERIOD_US + _DETUNED_US[i % len(_DETUNED_US)],
                "pulses": share + (i < rest),
            }
        )
    return trains
