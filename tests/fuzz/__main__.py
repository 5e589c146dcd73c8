"""`python -m tests.fuzz [--frames N] [--seed N] [--link LINK] [--out FOLDER]`."""

from __future__ import annotations

import datetime
import importlib.metadata
import multiprocessing
import os
import platform
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.fuzz.campaign import BLOCK, TARGETS, Outcome, run_block

_FOLDER = Path(__file__).parents[2] / "docs" / "measurements"
_TEXT = """# Fuzzing

Written by `make fuzz`; do not edit. The newest run stands here.

Each case is one transmission: a sound frame of the link, damaged (bits flipped, bytes set, lost or
inserted, parts repeated, cut off or spliced with another frame, the length field changed, noise
around it, or random altogether; three in ten get a fitting length and checksum again), fed to the
framer in random chunks, one in five with pauses. What the framer finds goes to the station of the
sample community (dlt645), or to `accept` and `read_values` of its heat meter (cjt188).

Asked of every case: no exception, no hang, no more pending than the buffer holds; exactly the
frames that a checker of its own finds in the same bytes (with pauses: sound, and in the order
sent); an answer if and only if the request is sound and ours, itself sound; values exactly as the
body says. Then the line rests, and the next sound frame must be found.
"""


def _run(link: str, seed: int, frames: int) -> Outcome:
    blocks = -(-frames // BLOCK)
    total = Outcome()
    bar = Progress(
        TextColumn(f"{link:8}"), BarColumn(), MofNCompleteColumn(), TextColumn("thousand frames"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with bar, ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        task = bar.add_task(link, total=blocks)
        running = [pool.submit(run_block, link, seed, block) for block in range(blocks)]
        for done in as_completed(running):
            total.add(done.result())
            bar.advance(task)
    return total


def page(outcomes: dict[str, Outcome], seed: int) -> str:
    lines = [
        _TEXT,
        f"- date: {datetime.date.today().isoformat()}",
        f"- sibiao: {importlib.metadata.version('sibiao')}",
        f"- CPython: {platform.python_version()}",
        f"- seed: {seed}; a block of {BLOCK} cases has the seed `seed link block`",
        "",
        "| link | frames | bytes | compared one by one | found by the framer | findings |",
        "|---|---|---|---|---|---|",
    ]
    for link, o in outcomes.items():
        lines.append(
            f"| {link} | {o.cases} | {o.sent_bytes} | {o.compared} | {o.found} "
            f"| {len(o.findings)} |"
        )
    lines += ["", "What became of the frames found, the sound ones at each end included:", ""]
    for link, o in outcomes.items():
        fates = ", ".join(f"{fate} {n}" for fate, n in sorted(o.seen.items()))
        lines.append(f"- {link}: {fates}")
    for o in outcomes.values():
        for f in o.findings:
            lines += ["", f"## {f.link}, block {f.block}, case {f.case}", "", "```", f.sent]
            lines += [f.what.rstrip(), "```"]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--frames", default=1_000_000, show_default=True, help="Frames a link.")
@click.option("--seed", default=1, show_default=True)
@click.option("--link", type=click.Choice(list(TARGETS)), multiple=True, help="Default: all.")
@click.option("--out", type=Path, default=_FOLDER, help="Where fuzz.md is written.")
def main(frames: int, seed: int, link: tuple[str, ...], out: Path) -> None:
    """Mutated frames against framer, station and meter layout."""
    outcomes = {name: _run(name, seed, frames) for name in link or TARGETS}
    out.mkdir(parents=True, exist_ok=True)
    (out / "fuzz.md").write_text(page(outcomes, seed), encoding="utf-8")
    findings = [finding for o in outcomes.values() for finding in o.findings]
    for f in findings[:5]:
        click.echo(f"{f.link}, block {f.block}, case {f.case}: {f.sent}\n{f.what}", err=True)
    cases = sum(o.cases for o in outcomes.values())
    click.echo(f"{cases} cases, {len(findings)} findings: {os.path.relpath(out / 'fuzz.md')}")
    if findings:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
