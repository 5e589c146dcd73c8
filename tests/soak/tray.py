"""Eight boards and an emulated Pico flashed by one run of `sibiao flash`: faults, and a kill of
the tool at every step that it tells.

python -m tests.soak.tray writes docs/measurements/tray.md.
"""

from __future__ import annotations

import importlib.metadata
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from rich.progress import track
from sibiao import __version__
from sibiao.micropython import find_pico_image, find_vm

from tests.node.tray_faults import Faults
from tests.node.tray_kills import events as events_of
from tests.node.tray_kills import kill

BOARDS = 8
_REPEAT_EVERY = 5
_CONFIRM_S = 90
_PICO_CONFIRM_S = 300  # an emulated one is many times slower than a board
_RESULTS = Path(__file__).parents[2] / "docs" / "measurements" / "tray.md"
Kill = tuple[str, int, int, int]  # what was told then, bytes by then, old slots, new slots


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sibiao-tray-") as name:
        yield Path(name)


def with_faults(boards: int = BOARDS, image: Path | None = None) -> dict[str, dict]:
    """The lines of the run in which four boards have a fault; AssertionError with what is not as
    it must be."""
    with _folder() as folder:
        limit_s = _PICO_CONFIRM_S if image else _CONFIRM_S
        return Faults(folder, boards - 4, dead=True, image=image, confirm_s=limit_s).run()


def with_kills(
    boards: int = BOARDS, seed: int = 1, most: int | None = None
) -> tuple[list[Kill], int]:
    """One at each event of a board drawn by lot, the others being wherever they are then; how
    many events there are."""
    rng = random.Random(seed)
    with _folder() as folder:
        told = events_of(folder, boards)
    points = list(enumerate(told, 1))
    if most and most < len(points):
        points = sorted(rng.sample(points, most))
    done = []
    for at, (what, size) in track(points, "killing the tool"):
        with _folder() as folder:
            number = rng.randrange(boards)
            new = kill(folder, boards, number, at, repeat=at % _REPEAT_EVERY == 0)
        done.append((what, size, boards - new, new))
    return done, len(told)


def page(lines: dict[str, dict], kills: list[Kill], events: int, facts: str) -> str:
    boards = sum(old + new for *_, old, new in kills)
    new = sum(new for *_, new in kills)
    rows = [
        f"| {n} | {line['verdict']} | {line['slot'] or 'unknown'} | {len(line['copied'])} | "
        f"{line['seconds']:.1f} | {line['error'].replace(port, 'PORT')} |"
        for n, (port, line) in enumerate(lines.items(), 1)
    ]
    return "\n".join(
        [
            "# A tray of boards\n",
            f"{facts}\n",
            "## With faults\n",
            (
                f"{len(lines)} boards in one run of `sibiao flash`, in the order in which they "
                "ended: MicroPython VMs on one USB full-speed bus (at most 19 packets of 64 bytes "
                "in a millisecond for all together) and, with an image, an emulated Pico. The "
                "cable of one is pulled in the middle, one has a full file system, one another "
                "chip, one never comes back from its last reset. What is checked: each verdict, "
                "the ledger's chain and rows, that sound boards run what they were sent, that "
                "pulled and full ones start their old slot and hold their totals; then, the "
                "faults over, that the same command brings all of them through, and copies only "
                "what is missing.\n"
            ),
            "| | verdict | slot | files copied | s | error |",
            "|---|---|---|---|---|---|",
            *rows,
            "\n## The tool killed\n",
            (
                f"{len(kills)} kills (SIGKILL) of a run with {boards // len(kills)} boards that "
                f"counted before, at {len(kills)} of the {events} events that the tool tells of a "
                f"board, drawn by lot: **{boards - new} of {boards} times a board started its old "
                f"slot with its total, {new} times it had been read back whole and switched by "
                f"then; none started anything else.** After every {_REPEAT_EVERY}th kill the "
                "command was repeated, and every board passed.\n"
            ),
            "| told | bytes | not switched | switched |",
            "|---|---|---|---|",
            *(f"| {what} | {size} | {old} | {new} |" for what, size, old, new in kills),
            "",
        ]
    )


def figures(
    seed: int = 1, boards: int = BOARDS, most: int | None = None, has_pico: bool = True
) -> tuple[list[str], list[str]]:
    """(lines for the record, faults); the tables have a page of their own."""
    image = find_pico_image() if has_pico else None
    try:
        lines = with_faults(boards, image.path if image else None)
        kills, events = with_kills(boards, seed, most)
    except AssertionError as error:
        return [f"- **A tray of boards**: broken off: {error}"], [f"tray: {error}"]
    facts = (
        f"{date.today()}, sibiao {__version__}, MicroPython {find_vm().version} (VM), "
        f"{image.version if image else 'none'} (Pico), mpremote "
        f"{importlib.metadata.version('mpremote')}, {os.cpu_count()} cores, seed {seed}, "
        "`python -m tests.soak.tray`."
    )
    _RESULTS.write_text(page(lines, kills, events, facts), encoding="utf-8")
    line = (
        f"- **A tray of boards** ({len(lines)} in one run, four with a fault, then mended; the "
        f"tool killed at {len(kills)} of {events} events of {boards} boards, seed {seed}): every "
        "verdict and row right, no board harmed; [tray.md](tray.md)."
    )
    return [line], []


@click.command()
@click.option("--boards", default=BOARDS, show_default=True, help="VMs on the tray, 5 at least.")
@click.option("--seed", default=1, show_default=True, help="Which boards the kills go by.")
@click.option("--kills", type=int, help="Only so many events, drawn by lot.")
@click.option("--pico/--no-pico", "has_pico", default=True, help="An emulated Pico, too.")
def main(boards, seed, kills, has_pico):
    lines, wrong = figures(seed, boards, kills, has_pico)
    click.echo("\n".join([*lines, *wrong]))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
