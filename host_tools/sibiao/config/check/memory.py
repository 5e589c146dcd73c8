"""What a community asks of the board: room on its FRAM, time when the supply fails, years of its
flash, heap."""

from __future__ import annotations

from collections.abc import Iterator

from sibiao.config.check import heap
from sibiao.config.device.life import life
from sibiao.config.device.records import fram_bytes, record_sizes, written_sizes
from sibiao.config.load import Loaded
from sibiao.config.problems import Problem

# A meter stays for its period of verification: 6 years (household water), 10 (gas), so the flash
# must outlast the shortest, and should outlast the longest.
_LEAST_YEARS, _WANTED_YEARS = 5, 10
_WANTED, _MOST = 0.5, 0.75  # of the heap
_BILLED_M3 = 1  # water and gas are billed by whole cubic metres


def fram(loaded: Loaded) -> Iterator[Problem]:
    """Records that the chip has no room for."""
    chip = loaded.board.fram
    if chip is None:
        return
    needed = fram_bytes((*record_sizes(loaded).items(), *written_sizes(loaded).items()))
    if needed > chip.size_bytes:
        yield Problem(
            loaded.board_at("fram", "size_bytes"),
            f"fram.size_bytes = {chip.size_bytes} is too small for the records of community "
            f"{loaded.name!r}: they need {needed}",
            "use a larger chip",
        )


def hold_up(loaded: Loaded) -> Iterator[Problem]:
    """A supply that is gone before the last total is written."""
    found = life(loaded)
    if found.hold_up_ms is None or found.covered or not found.points:
        return
    typical_ms, worst_ms = found.commit_ms
    never = found.hold_up_ms < typical_ms
    yield Problem(
        loaded.board_at("supply", "hold_up_ms"),
        f"supply.hold_up_ms = {found.hold_up_ms} is shorter than it takes to write "
        f"{len(found.points)} totals of community {loaded.name!r}: {typical_ms:.0f} ms, "
        f"{worst_ms:.0f} ms with the slowest flash",
        f"{worst_ms:.0f} or more" + ("" if never else ", or a power cut may lose pulses"),
        severity="error" if never else "warning",
    )


def flash_life(loaded: Loaded) -> Iterator[Problem]:
    """A save policy that wears the flash out."""
    found = life(loaded)
    if found.flash_years < _WANTED_YEARS:
        yield Problem(
            loaded.at("policy", "save"),
            f"with this save policy the flash lasts {found.flash_years:.1f} years, every meter at "
            f"its largest flow; a power cut then loses {_losses(found)} at most",
            f"{_LEAST_YEARS} years or more, {_WANTED_YEARS} are wanted",
            "write less often: more pulses in every_pulses, more seconds in at_most_every_s and "
            "at_least_every_s",
            "error" if found.flash_years < _LEAST_YEARS else "warning",
        )


def loss(loaded: Loaded) -> Iterator[Problem]:
    """A save policy by which a power cut can lose what is billed."""
    for point in life(loaded).points:
        if point.loss_m3 > _BILLED_M3:
            yield Problem(
                loaded.at("policy", "save"),
                f"a power cut can lose {point.loss_pulses} pulses of {point.name}, "
                f"{point.loss_m3.normalize():f} m3",
                f"{_BILLED_M3} m3 at most is wanted, which is what is billed",
                "write more often, or have a board that says when its supply fails",
                "warning",
            )


def _losses(found) -> str:
    worst = max(found.points, key=lambda point: point.loss_m3, default=None)
    if worst is None:
        return "nothing"
    return f"{worst.loss_pulses} pulses, {worst.loss_m3.normalize():f} m3 of {worst.name}"


def memory(loaded: Loaded) -> Iterator[Problem]:
    """More than the heap of the board's MicroPython holds."""
    there = loaded.chip.heap_bytes
    if there is None:
        return
    needed = heap.estimate_bytes(loaded)
    if needed > there * _WANTED:
        yield Problem(
            loaded.at("points"),
            f"{len(loaded.community.points)} points need some {needed // 1000} kB of heap on "
            f"{loaded.chip.title}, which has {there // 1000} kB",
            f"{int(there * _MOST) // 1000} kB at most, {int(there * _WANTED) // 1000} are wanted: "
            "the rest is for what comes and goes",
            "fewer points, or fewer kinds of meters, or another board",
            "error" if needed > there * _MOST else "warning",
        )
