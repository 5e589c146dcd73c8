"""`make fuzz`: a million mutated frames a link, on all cores; figures to docs/measurements."""

import multiprocessing
import os
import platform
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sibiao import __version__

from tests.fuzz import campaign, mbus
from tests.fuzz.campaign import Share
from tests.fuzz.links import LINKS

_SHARE = 20_000
_RESULTS = Path(__file__).parents[2] / "docs" / "measurements" / "fuzz.md"


def _run(arguments) -> Share:
    name, seed, count = arguments
    # M-Bus frames are spoilt, and mended, in a way of their own: their sum begins later.
    return campaign.run(*arguments) if name in LINKS else mbus.run(seed, count)


@click.command()
@click.option("--frames", default=1_000_000, show_default=True, help="Mutated frames a link.")
@click.option("--seed", default=1, show_default=True, help="First seed; each share has its own.")
def main(frames, seed):
    shares = max(1, frames // _SHARE)
    names = (*LINKS, mbus.Meters.name)
    work = [(name, seed + k, _SHARE) for name in names for k in range(shares)]
    totals = {name: Share(name, seed) for name in names}
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for done in track(pool.imap_unordered(_run, work), "fuzzing", total=len(work)):
            total = totals[done.link]
            for field in ("frames", "found", "answered", "resynchronised"):
                setattr(total, field, getattr(total, field) + getattr(done, field))
    table = Table("link", "frames", "found", "answered", "found again")
    versions = f"sibiao {__version__}, {platform.python_implementation()} "
    versions += platform.python_version()
    lines = [
        "# Fuzzing\n",
        "Mutated frames fed in random pieces; no exception, no hang, and every frame found was",
        "sound by a checker of its own. `found again`: sound frames sent after a pause, each",
        "found alone and whole.\n",
        f"{date.today()}, {versions}, seeds {seed}..{seed + shares - 1} of {_SHARE} frames.\n",
        "| link | mutated frames | frames found | answered or read | found again |",
        "|---|---|---|---|---|",
    ]
    for total in totals.values():
        row = (total.link, total.frames, total.found, total.answered, total.resynchronised)
        table.add_row(*map(str, row))
        lines.append("| " + " | ".join(map(str, row)) + " |")
    Console().print(table)
    _RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
