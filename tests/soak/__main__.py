"""`python -m tests.soak [--cuts N] [--reads N] [--seed N] [--out FOLDER]`."""

from __future__ import annotations

import datetime
import importlib.metadata
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
_HEAD = """# Long runs

Written by `make soak`; do not edit. The newest run stands here.
"""


def _cuts(number: int, seed: int) -> tuple[list[Cut], int]:
    life = Life(bench_node.at_work(), seed)
    with Progress() as bar:
        task = bar.add_task("power cuts", total=number)
        for _ in range(0, number, 2):
            life.run(2)
            bar.advance(task, 2)
    return life.cuts, life.check_nothing_lost()


def _cuts_text(cuts: list[Cut], total: int, seed: int) -> list[str]:
    torn = [cut.during for cut in cuts if cut.during]
    lost = sorted(cut.lost for cut in cuts)
    return [
        "## Power cuts",
        "",
        f"One board on the emulated Pico, seed {seed}: a pulse every 200 ms, reads without pause, "
        "heat meter polled; half of the cuts at a random instant, half in a flash write.",
        "",
        f"- {len(cuts)} cuts, {torn.count('program')} tore a page program and "
        f"{torn.count('erase')} an erase; the node started and answered after each",
        "- every total was at least the last whole record's and at most the truth; index, base "
        "reading and reset cause were right",
        f"- lost per cut, pulses not committed yet: median {lost[len(lost) // 2]}, most {lost[-1]}",
        f"- between cuts nothing was lost: {total} counted in the end, as many as there were",
        "",
        "| cut | after, ms | tore | truth | on record | restored |",
        "|---|---|---|---|---|---|",
        *(
            f"| {n} | {c.life_ms:.0f} | {c.during or '–'} | {c.truth} | {c.committed} "
            f"| {c.restored} |"
            for n, c in enumerate(cuts, 1)
        ),
        "",
    ]


def _loop_text(found: endless_loop.Recovery) -> list[str]:
    return [
        "## A task in an endless loop",
        "",
        "On the emulated Pico, the bus task made to loop:",
        "",
        f"- reset by the watchdog {found.silent_ms / 1000:.1f} s after the last answer (aim: 10 s "
        f"at most), answering again {found.answering_ms:.0f} ms after it",
        f"- cause {found.cause} (watchdog) and hung task `{found.hung}` readable, "
        f"{found.restored} of {found.truth} pulses there",
        "",
    ]


def _reads(reads: int) -> tuple[list[str], bool]:
    title = ["## Reads of the whole node on the 32-bit VM", ""]
    try:
        vm = find_vm32(build=False)
    except SibiaoError as error:
        return [*title, f"Not run: {error}", ""], True
    with Progress() as bar:
        task = bar.add_task("reads on the 32-bit VM", total=vm_reads.STEPS)
        found = vm_reads.run(vm, reads, lambda: bar.advance(task))
    faults = ", ".join(f"{n} × {fault}" for fault, n in found.faults.items()) or "none"
    text = [
        f"MicroPython VM {vm.version} with 32-bit words ({vm.origin}), heap of a Pico, "
        f"{vm_reads.BAUD} baud, real time, water running, heat meter polled:",
        "",
        f"- {found.ok} of {found.tried} reads brought a value; faults: {faults}",
        f"- {found.counted} of {found.pulses} pulses counted",
        f"- heap in use after each tenth, bytes: {', '.join(map(str, found.heaps))}",
        "",
    ]
    sound = found.ok == found.tried and found.counted == found.pulses
    return title + text, sound and max(found.heaps[1:]) <= found.heaps[0]


@click.command()
@click.option("--cuts", default=40, show_default=True, help="Power cuts, an even number.")
@click.option("--reads", default=10_000, show_default=True, help="Reads on the 32-bit VM.")
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=Path, default=_FOLDER, help="Where soak.md is written.")
def main(cuts: int, reads: int, seed: int, out: Path) -> None:
    """Power cuts, a hung task and ten thousand reads."""
    native.build(lambda what: click.echo(what, err=True))
    lines = [_HEAD, f"- date: {datetime.date.today().isoformat()}"]
    lines += [f"- sibiao: {importlib.metadata.version('sibiao')}"]
    image = bench_node.image()
    lines += [f"- MicroPython image: {image.version} for RPI_PICO, {image.origin}"]
    lines += [f"- rp2040py: {importlib.metadata.version('rp2040py')}", ""]
    lines += _cuts_text(*_cuts(cuts, seed), seed)
    click.echo("== a task in an endless loop (a minute or two)", err=True)
    lines += _loop_text(endless_loop.run())
    text, sound = _reads(reads)
    lines += text
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    click.echo("\n".join(lines))
    if not sound:
        raise SystemExit("soak: reads on the 32-bit VM failed or kept memory; see above")


if __name__ == "__main__":
    try:
        main()
    except (SibiaoError, Broken) as error:
        raise SystemExit(f"soak: {error}") from None
