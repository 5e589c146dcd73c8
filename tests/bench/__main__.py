"""`python -m tests.bench [--quick] [--part NAME]... [--out FOLDER]`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import click
from sibiao.errors import SibiaoError
from sibiao.node.pico import native

from tests.bench import (
    bus_efficiency,
    bus_memory,
    bus_telegrams,
    configuration,
    erase_loss,
    flashing,
    four_inputs,
    heap_share,
    image_facts,
    mbus_decode,
    node_heap,
    passing,
    pulse_rate,
    reads,
    report,
    services,
    small_words,
    starting,
    station_speed,
)
from tests.bench.figure import Figure
from tests.measured import FOLDER

# What each does, in the order in which they run.
_PARTS = {
    "uplink": "reading the node over its uplink",
    "services": "each service of the station, plain and sealed",
    "words": "reading on the 32-bit VM",
    "configs": "checking configuration on this machine",
    "decoding": "decoding M-Bus telegrams on this machine",
    "station": "the station beside the server of PyPI dlt645, on this machine",
    "telegrams": "reading bus telegrams at the Pico's prompt",
    "efficiency": "polling prompt meters without a pause",
    "polls": "polls and the memory they take",
    "passing": "passing frames through to a meter",
    "flash": "flashing one board and eight at once (some minutes)",
    "heap": "the heap of whole nodes",
    "shares": "what each part of a community takes of the heap (some minutes)",
    "start": "starting it",
    "rate": "raising the pulse rate (some minutes)",
    "inputs": "four inputs at 20 Hz",
    "erases": "pulses during erases",
}
# What a quick run does: whole nodes that poll or start again and again are left out.
_QUICK = ("uplink", "words", "decoding", "station", "telegrams")
_collector = cache(image_facts.find_collector)


def _measured(part: str, seed: int, quick: bool) -> list[Figure]:
    match part:
        case "uplink":
            return reads.measure(_collector(), seed, *((2, 2, 1) if quick else (60, 100, 30)))
        case "services":
            return services.measure(1 if quick else 8)
        case "station":
            return station_speed.measure(1 if quick else 9)
        case "heap":
            return node_heap.measure(_collector())
        case "words":
            return small_words.measure(1000 if quick else 10_000)
        case "configs":
            return configuration.measure(*((20, 1) if quick else (1000, 5)))
        case "decoding":
            return mbus_decode.measure(1 if quick else 9)
        case "telegrams":
            return bus_telegrams.measure(1 if quick else 9)
        case "efficiency":
            return bus_efficiency.measure(1 if quick else 20)
        case "polls":
            return bus_memory.measure(*((6, 200) if quick else (300, 10_000)), whole=not quick)
        case "passing":
            return passing.measure(2 if quick else 12)
        case "flash":
            return flashing.measure(1 if quick else 5)
        case "shares":
            return heap_share.measure()
        case "start":
            return starting.measure(_collector(), phases=5)
        case "rate":
            return pulse_rate.measure()
        case "inputs":
            return four_inputs.measure()
        case _:
            return erase_loss.measure()


@click.command()
@click.option("--quick", is_flag=True, help="A few reads, to see that the bench works.")
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(list(_PARTS)),
    help="Only this part, and the figures of the others stay; may be given again.",
)  # fmt: skip
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=Path, help="Where to write; docs/measurements unless --quick.")
def main(quick: bool, parts: tuple[str, ...], seed: int, out: Path | None) -> None:
    """Measures speed and memory of the converter on the emulated Pico."""

    def say(what: str) -> None:
        click.echo(f"== {what}", err=True)

    facts = report.about(seed)
    native.build(say)
    folder = out or (None if quick else FOLDER)
    figures: list[Figure] = []
    for part, what in _PARTS.items():
        if part in (parts or (_QUICK if quick else _PARTS)):
            say(what)
            figures = report.in_order(figures + _measured(part, seed, quick))
            if folder:  # after each, so that an hour's work is not lost with the last minute's
                report.write(folder, figures, facts, parts=True)
    report.show(figures)
    if folder:
        report.write(folder, figures, facts, bool(parts))
        click.echo(f"written: {folder}/bench.json, bench.md", err=True)


if __name__ == "__main__":
    try:
        main()
    except SibiaoError as error:
        raise SystemExit(f"bench: {error}") from None
