"""`make soak`: power cuts, the true watchdog, ten thousand reads; figures to docs/measurements."""

import functools
import multiprocessing
import os
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from sibiao import __version__
from sibiao.config.build import image_files
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.micropython import find_pico_image, find_vm32
from sibiao.node.pico import EmulatedPico

from tests.bench.erase_loss import before_an_erase
from tests.bench.small_words import heap_after_reads
from tests.node.asking import at_work
from tests.soak import endless_loop
from tests.soak.power_cuts import LOSS_BOUND, Cut, cut_an_erase, cut_once

_RESULTS = Path(__file__).parents[2] / "docs" / "measurements" / "soak.md"


@functools.cache
def _node(image: Path) -> EmulatedPico:
    return at_work(EmulatedPico(image, image_files(load("sample"))))


@functools.cache
def _node_before_an_erase() -> EmulatedPico:
    return before_an_erase()


def _cut(arguments) -> Cut:
    # Every fourth cut comes inside an erase, which an ordinary span of six seconds seldom holds.
    image, seed = arguments
    if seed % 4 == 0:
        return _node_before_an_erase().forked(cut_an_erase, seed)
    return _node(image).forked(cut_once, seed)


def _cuts(image: Path, count: int, seed: int) -> list[Cut]:
    work = [(image, seed + n) for n in range(count)]
    with multiprocessing.Pool(os.cpu_count()) as pool:
        return list(track(pool.imap_unordered(_cut, work), "cutting the power", total=count))


def _torn(cuts: list[Cut], kind: str) -> int:
    return sum(cut.torn == kind for cut in cuts)


def _flat_reads() -> str:
    try:
        vm = find_vm32(build=False)
    except SibiaoError:
        return "not measured: `sibiao micropython vm32` builds the 32-bit VM"
    heap = heap_after_reads(vm.path, 10_000)
    assert len(set(heap)) == 1, heap
    return f"{heap[0]} bytes in use after each thousand of 10 000 reads"


@click.command()
@click.option("--cuts", default=40, show_default=True, help="Power cuts of the emulated Pico.")
@click.option("--seed", default=100, show_default=True, help="Seed of the first cut.")
def main(cuts, seed):
    image = find_pico_image()
    seen = _cuts(image.path, cuts, seed)
    console = Console()
    with console.status("an endless loop under the true watchdog: some minutes"):
        hung = endless_loop.run(image.path)
    reads = _flat_reads()
    unsound = [cut for cut in seen if not cut.sound]
    most = max(cut.emitted - cut.restored for cut in seen)
    lines = [
        "# Long runs\n",
        (
            f"{date.today()}, sibiao {__version__}, MicroPython {image.version} on the emulated "
            f"Pico, seeds {seed}..{seed + cuts - 1} (`make soak`).\n"
        ),
        (
            f"- **Power cuts**: {len(seen)}, {_torn(seen, 'program')} of them inside a page "
            f"program and {_torn(seen, 'erase')} inside an erase, with pulses at 20 Hz: "
            f"{len(unsound)} unsound. A total was never above truth and always the last record on "
            f"flash; the most lost in one cut was {most} pulses (bound {LOSS_BOUND})."
        ),
        (
            f"- **Endless loop** in task {hung['task']!r}: reset {hung['reset_after_s']} s after "
            f"it began, cause read as {hung['cause']} (watchdog), task read as "
            f"{hung['hung']!r}, {hung['pulses']} of 10 pulses kept."
        ),
        f"- **Reads on the 32-bit VM**: {reads}.",
    ]
    _RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    console.print("\n".join(lines))
    for cut in unsound:
        console.print(cut, style="red")
    raise SystemExit(1 if unsound or hung["cause"] != 2 or hung["pulses"] != 10 else 0)


if __name__ == "__main__":
    main()
