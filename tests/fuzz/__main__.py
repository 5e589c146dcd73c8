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

from tests.fuzz import campaign
from tests.fuzz.campaign import Share
from tests.fuzz.links import LINKS

_SHARE = 20_000
_RESULTS = Path(__file__).parents[2] / "docs" / "measurements" / "fuzz.md"
_COUNTS = ("frames", "found", "answered", "acted", "resynchronised")
_COLUMNS = ("link", "mutated frames", "frames found", "answered or read", "changes", "found again")
_HEAD = """# Fuzzing

Mutated frames fed in random pieces; no exception, no hang, and every frame found was
sound by a checker of its own. `found again`: sound frames sent after a pause, each
found alone and whole. `dlt645`: each frame into every station of
{stations},
which keep what is written, lose clock and keeper, and start again; `csg`: into the collector.
`changes`: requests that wrote, set or cleared something; of a sealed station none that
was not sealed.
"""


def _run(arguments) -> Share:
    return campaign.run(*arguments)


def _rows_before() -> dict[str, str]:
    """Rows of links that are not run this time."""
    lines = _RESULTS.read_text(encoding="utf-8").splitlines() if _RESULTS.exists() else []
    rows = [line for line in lines if line.count("|") == len(_COLUMNS) + 2]
    return {row.split("|")[1].strip(): row for row in rows}


@click.command()
@click.option("--frames", default=1_000_000, show_default=True, help="Mutated frames a link.")
@click.option("--seed", default=1, show_default=True, help="First seed; each share has its own.")
@click.option("--link", "names", multiple=True, type=click.Choice(list(LINKS)), help="Only this.")
def main(frames, seed, names):
    names = names or tuple(LINKS)
    shares = max(1, frames // _SHARE)
    work = [(name, seed + k, _SHARE) for name in names for k in range(shares)]
    totals = {name: Share(name, seed) for name in names}
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for done in track(pool.imap_unordered(_run, work), "fuzzing", total=len(work)):
            total = totals[done.link]
            for field in _COUNTS:
                setattr(total, field, getattr(total, field) + getattr(done, field))
    table = Table(*_COLUMNS)
    run = f"{date.today()}, sibiao {__version__}, {platform.python_implementation()} "
    run += f"{platform.python_version()}, seeds {seed}..{seed + shares - 1} of {_SHARE} frames"
    rows = _rows_before()
    for total in totals.values():
        row = (total.link, *(str(getattr(total, field)) for field in _COUNTS))
        table.add_row(*row)
        rows[total.link] = "| " + " | ".join((*row, run)) + " |"
    Console().print(table)
    stations = ", ".join(f"`{s.uplink}`" for s in LINKS["dlt645"]().stations)
    lines = [_HEAD.format(stations=stations)]
    lines += ["| " + " | ".join((*_COLUMNS, "run")) + " |", "|---" * (len(_COLUMNS) + 1) + "|"]
    lines += [rows[name] for name in LINKS if name in rows]
    _RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
