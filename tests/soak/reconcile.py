"""How often `sibiao reconcile` names the cause that was truly there: nodes in virtual time with
faults on their meters, seeds that were not looked at while its rules were written.

python -m tests.soak.reconcile writes docs/measurements/reconcile.md.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import click
from rich.progress import track
from sibiao import __version__
from sibiao.reconcile.cause import CAUSES
from sibiao.reconcile.course import courses
from sibiao.reconcile.report import of_course
from sibiao.reconcile.table import read_collected, read_manual

from tests.node.dial_rounds import Rounds, walk

DEVELOPED_ON = range(1, 25)
# Seeds 1000 to 1059 judged a first draft and showed faults of its rules: they judge no more.
JUDGED_ON = range(2000, 2040)
_RIGHT, _UNCLEAR, _ENOUGH = 0.95, 0.20, 30
_RESULTS = Path(__file__).parents[2] / "docs" / "measurements" / "reconcile.md"
Named = tuple[str, str, int, str]  # truth, named, readings compared, what it was


def judged(rounds: Rounds) -> list[Named]:
    """What is said of each meter of a node, from its two CSV files."""
    zoned: list[bool] = []
    manual, collected = read_manual(rounds.manual, zoned), read_collected(rounds.collected, zoned)
    found = courses(rounds.loaded, manual, collected, timedelta(seconds=60))
    said = []
    for course in found:
        truth, what = rounds.truths[course.name]
        cause = of_course(course).finding.cause
        said.append((truth, cause, len(course.compared), what))
    return said


def of_seed(seed: int) -> list[Named]:
    with tempfile.TemporaryDirectory() as folder:
        return judged(walk(seed, Path(folder)))


def shares(named: Iterable[Named]) -> tuple[int, int, int, int]:
    """(right, named, unclear, all) of meters with 30 readings: a cause is right when it is the
    true one or one of two; unclear counts where there was a cause of the list."""
    long = [n for n in named if n[2] >= _ENOUGH]
    told = [n for n in long if n[1] != "unclear"]
    right = sum(cause in truth.split(" + ") for truth, cause, *_ in told)
    listed = [n for n in long if n[0] != "unclear"]
    return right, len(told), sum(n[1] == "unclear" for n in listed), len(listed)


def faults(named: list[Named]) -> list[str]:
    right, told, unclear, listed = shares(named)
    wrong = []
    if right < _RIGHT * told or not told:
        wrong.append(f"reconcile: {right} of {told} causes that it names are right")
    if unclear > _UNCLEAR * listed:
        wrong.append(f"reconcile: {unclear} of {listed} are unclear")
    return wrong


def table(named: list[Named]) -> list[str]:
    seen = Counter((truth, cause) for truth, cause, *_ in named)
    truths = sorted({truth for truth, _ in seen}, key=lambda t: (t == "unclear", "+" in t, t))
    lines = ["| what truly was | " + " | ".join(CAUSES) + " |", "|---" * (len(CAUSES) + 1) + "|"]
    for truth in truths:
        cells = [str(seen[truth, cause] or "") for cause in CAUSES]
        name = "none of the list" if truth == "unclear" else truth
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def page(named: list[Named], seeds: range) -> str:
    right, told, unclear, listed = shares(named)
    wrong = [n for n in named if n[1] != "unclear" and n[1] not in n[0].split(" + ")]
    lines = [
        "# Causes that `sibiao reconcile` names\n",
        (
            f"{date.today()}, sibiao {__version__}, `python -m tests.soak.reconcile`: "
            f"{len(seeds)} nodes in virtual time (seeds {seeds[0]} to {seeds[-1]}; the rules were "
            f"written on {DEVELOPED_ON[0]} to {DEVELOPED_ON[-1]}, and mended after a first "
            "judgement on 1000 to 1059: 202 of 206 right), four meters each, 31 days, "
            "about one dial in a hundred misread. A fault that moved no register by more than a "
            "pulse counts as none.\n"
        ),
        (
            f"**{right} of {told} causes named are right ({100 * right / told:.1f} %), "
            f"{unclear} of {listed} meters with a cause of the list are unclear "
            f"({100 * unclear / listed:.1f} %)**, of meters with {_ENOUGH} readings or more.\n"
        ),
        "Rows: what truly was. Columns: what was named.\n",
        *table(named),
        "",
        (
            "Of two causes at once, either is right. *None of the list*: a wheel that swings at "
            "its contact, water hammer; a cause named there is wrong, and counts so.\n"
        ),
        (
            "A day is 10 to 40 pulses at 3 to 6 Hz, far quicker than water runs; the hours in "
            "which nothing runs are left out. Every fifth node loses its power while water runs, "
            "hence so many gaps.\n"
        ),
        "Named wrongly: " + (" ".join(f"{t} ({w}) as {c};" for t, c, _, w in wrong) or "none."),
    ]
    return "\n".join(lines) + "\n"


def figures(seeds: range = JUDGED_ON) -> tuple[list[str], list[str]]:
    """(lines for the record, faults); the confusion table has a page of its own."""
    with multiprocessing.Pool(os.cpu_count()) as pool:
        done = pool.imap(of_seed, seeds)
        named = [n for each in track(done, "walking", total=len(seeds)) for n in each]
    _RESULTS.write_text(page(named, seeds), encoding="utf-8")
    right, told, unclear, listed = shares(named)
    line = (
        f"- **Causes of a drift** (`sibiao reconcile`, {len(named)} meters in virtual time): "
        f"{right} of {told} named are right, {unclear} of {listed} unclear; "
        "[reconcile.md](reconcile.md)."
    )
    return [line], faults(named)


@click.command()
@click.option("--first", default=JUDGED_ON[0], show_default=True, help="Seed of the first node.")
@click.option(
    "--nodes", default=len(JUDGED_ON), show_default=True, help="So many, four meters each."
)
def main(first, nodes):
    lines, wrong = figures(range(first, first + nodes))
    click.echo("\n".join([*lines, *wrong]))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
