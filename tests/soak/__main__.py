"""`make soak`: power cuts, the true watchdog, ten thousand reads; figures to docs/measurements."""

import functools
import multiprocessing
import os
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import image_files
from sibiao.micropython import find_pico_image, find_vm32
from sibiao.node.pico import EmulatedPico

from tests.bench.erase_loss import before_an_erase
from tests.bench.small_words import heap_after_reads
from tests.host.record_cuts import MEDIA, cut_records
from tests.node.asking import at_work
from tests.soak import endless_loop, hostile, lab, million_pulses, page, reconcile, tray
from tests.soak.power_cuts import LOSS_BOUND, Cut, cut_an_erase, cut_once

Section = tuple[list[str], list[str]]  # lines for the record, what was not as it must be


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


def _power_cuts(image: Path, count: int, seed: int) -> Section:
    seen = _cuts(image, count, seed)
    unsound = [str(cut) for cut in seen if not cut.sound]
    most = max(cut.emitted - cut.restored for cut in seen)
    line = (
        f"- **Power cuts of the whole node**: {len(seen)} (seeds {seed}..{seed + count - 1}), "
        f"{_torn(seen, 'program')} of them inside a page program and {_torn(seen, 'erase')} "
        f"inside an erase, with pulses at 20 Hz: {len(unsound)} unsound. A total was never above "
        f"truth and always the last record on flash; the most lost in one cut was {most} pulses "
        f"(bound at that rate {LOSS_BOUND})."
    )
    return [line], unsound


def _cut_records(work) -> int:
    medium, store, seed = work
    stride = 1 if medium == "littlefs" else 10
    return cut_records(medium, store, torn=20, lives=300, seed=seed, stride=stride)


def _record_cuts(seed: int) -> Section:
    work = [(m, store, seed) for m, (_, stores) in MEDIA.items() for store in stores]
    stores = dict.fromkeys(store for _, store, _ in work)
    with multiprocessing.Pool(os.cpu_count()) as pool:
        done = pool.imap_unordered(_cut_records, work)
        cuts = sum(track(done, "cutting every store on every medium", total=len(work)))
    line = (
        f"- **Power cuts of the records**: {cuts} on littlefs over strict NOR and on FRAM over "
        f"I2C and SPI ({', '.join(stores)}; seed {seed}): 0 unsound, or the run would have ended."
    )
    return [line], []


def _endless_loop(image: Path) -> Section:
    hung = endless_loop.run(image)
    line = (
        f"- **Endless loop** in task {hung['task']!r}: reset {hung['reset_after_s']} s after it "
        f"began, cause read as {hung['cause']} (watchdog), task read as {hung['hung']!r}, "
        f"{hung['pulses']} of 10 pulses kept."
    )
    return [line], [line] if hung["cause"] != 2 or hung["pulses"] != 10 else []


def _flat_reads() -> Section:
    try:
        vm = find_vm32(build=False)
    except SibiaoError:
        said = "not measured: `sibiao micropython vm32` builds the 32-bit VM"
    else:
        heap = heap_after_reads(vm.path, 10_000)
        assert len(set(heap)) == 1, heap
        said = f"{heap[0]} bytes in use after each thousand of 10 000 reads"
    return [f"- **Reads on the 32-bit VM**: {said}."], []


@click.command()
@click.option(
    "--part",
    "named",
    multiple=True,
    type=click.Choice(list(page.TITLES)),
    help="Only this part, and what the others brought stays; may be given again.",
)
@click.option("--cuts", default=100, show_default=True, help="Power cuts of the emulated Pico.")
@click.option("--seed", default=100, show_default=True, help="Seed of the first cut.")
@click.option("--pulses", default=1_000_000, show_default=True, help="Pulses in virtual time.")
def main(named, cuts, seed, pulses):  # fmt: skip
    image = find_pico_image()
    console = Console()
    parts = {
        "cuts": lambda: _power_cuts(image.path, cuts, seed),
        "records": lambda: _record_cuts(seed),
        "pulses": lambda: million_pulses.figures(pulses),
        "hostile": hostile.figures,
        "causes": reconcile.figures,
        "tray": lambda: tray.figures(seed),
        "lab": lab.figures,
        "loop": lambda: _endless_loop(image.path),
        "reads": _flat_reads,
    }
    wrong = []
    for name in named or page.TITLES:
        console.print(f"== {page.TITLES[name]}")
        when = page.about(image.version)
        lines, faults = parts[name]()
        wrong += faults
        # After each, so that an hour's work is not lost with the last minute's.
        page.put(name, when, lines)
        console.print("\n".join(lines), markup=False)
    for fault in wrong:
        console.print(fault, style="red", markup=False)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
