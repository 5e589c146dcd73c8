"""`python -m tests.soak [--cuts N] [--reads N] [--seed N] [--out FOLDER]`."""

from __future__ import annotations

import datetime
import importlib.metadata
import statistics
from pathlib import Path

import click
from rich.progress import Progress
from sibiao.errors import SibiaoError
from sibiao.micropython import find_vm32
from sibiao.node.pico import native

from tests.bench import bench_node
from tests.soak import endless_loop, vm_reads
from tests.soak.power_cuts import Broken, Cut, Life

_FOLDER = Path(__file__).parents[2] / "docs" / "measurements"


def _cuts(number: int, seed: int) -> tuple[list[Cut], int]:
    life = Life(bench_node.at_work(), seed)
    with Progress() as bar:
        task = bar.add_task("power cuts", total=number)
        for _ in range(0, number, 2):
            life.run(2)
            bar.advance(task, 2)
    return life.cuts, life.check_nothing_lost()


_CUTS = """## Power cuts

One board on the emulated Pico, seed {seed}: a pulse every 200 ms, reads without pause, heat meter
polled; half of the cuts at a random instant, half in a flash write.

- {cuts} cuts; {programs} tore a page program, {erases} an erase; the node started and answered
  after each
- every total was at least the last whole record's and at most the truth; index, base reading and
  reset cause were right
- pulses lost per cut, not yet committed: median {median}, most {most}
- between cuts nothing was lost: {total} counted in the end, as many as there were

| cut | after, ms | tore | truth | on record | restored |
|---|---|---|---|---|---|
{rows}
"""
_ROW = "| {n} | {c.life_ms:.0f} | {c.during} | {c.truth} | {c.committed} | {c.restored} |"

_LOOP = """## A task in an endless loop

On the emulated Pico, the bus task made to loop:

- reset by the watchdog {silent_s:.1f} s after the last answer (aim: 10 s at most), answering again
  {found.answering_ms:.0f} ms after it
- cause {found.cause} (watchdog) and hung task `{found.hung}` readable, {found.restored} of
  {found.truth} pulses there
"""

_READS = """## Reads of the whole node on the 32-bit VM

MicroPython VM {vm.version} with 32-bit words ({vm.origin}), heap of a Pico, {baud} baud, real
time, water running, heat meter polled:

- {found.ok} of {found.tried} reads brought a value; faults: {faults}
- {found.counted} of {found.pulses} pulses counted
- heap in use after each tenth, bytes, the least of some reports: {heaps}
"""
_NOT_RUN = "## Reads of the whole node on the 32-bit VM\n\nNot run: {}\n"


def _cuts_text(cuts: list[Cut], total: int, seed: int) -> str:
    torn = [cut.during for cut in cuts]
    return _CUTS.format(
        seed=seed,
        cuts=len(cuts),
        programs=torn.count("program"),
        erases=torn.count("erase"),
        median=statistics.median(cut.lost for cut in cuts),
        most=max(cut.lost for cut in cuts),
        total=total,
        rows="\n".join(_ROW.format(n=n, c=cut) for n, cut in enumerate(cuts, 1)),
    )


def _reads_text(reads: int) -> tuple[str, bool]:
    """With whether all is as it should be."""
    try:
        vm = find_vm32(build=False)
    except SibiaoError as error:
        return _NOT_RUN.format(error), True
    with Progress() as bar:
        task = bar.add_task("reads on the 32-bit VM", total=vm_reads.STEPS)
        found = vm_reads.run(vm, reads, lambda: bar.advance(task))
    text = _READS.format(
        vm=vm,
        baud=vm_reads.BAUD,
        found=found,
        faults=", ".join(f"{n} times {fault}" for fault, n in found.faults.items()) or "none",
        heaps=", ".join(map(str, found.heaps)),
    )
    sound = found.ok == found.tried and found.counted == found.pulses
    return text, sound and max(found.heaps[1:]) <= found.heaps[0]


def _head() -> str:
    image = bench_node.image()
    version = importlib.metadata.version
    return (
        "# Long runs\n\nWritten by `make soak`; do not edit. The newest run stands here.\n\n"
        f"- date: {datetime.date.today().isoformat()}\n"
        f"- sibiao: {version('sibiao')}\n"
        f"- MicroPython image: {image.version} for RPI_PICO, {image.origin}\n"
        f"- rp2040py: {version('rp2040py')}\n"
    )


@click.command()
@click.option("--cuts", default=40, show_default=True, help="Power cuts, an even number.")
@click.option("--reads", default=10_000, show_default=True, help="Reads on the 32-bit VM.")
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=Path, default=_FOLDER, help="Where soak.md is written.")
def main(cuts: int, reads: int, seed: int, out: Path) -> None:
    """Power cuts, a hung task and ten thousand reads."""
    native.build(lambda what: click.echo(what, err=True))
    parts = [_head(), _cuts_text(*_cuts(cuts, seed), seed)]
    click.echo("== a task in an endless loop (a minute or two)", err=True)
    found = endless_loop.run()
    parts.append(_LOOP.format(found=found, silent_s=found.silent_ms / 1000))
    text, sound = _reads_text(reads)
    page = "\n".join([*parts, text])
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.md").write_text(page, encoding="utf-8")
    click.echo(page)
    if not sound:
        raise SystemExit("soak: reads on the 32-bit VM failed or kept memory; see above")


if __name__ == "__main__":
    try:
        main()
    except (SibiaoError, Broken) as error:
        raise SystemExit(f"soak: {error}") from None
