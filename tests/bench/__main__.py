"""`python -m tests.bench [--quick] [--out FOLDER]`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from sibiao.errors import SibiaoError
from sibiao.node.pico import native

from tests.bench import (
    erase_loss,
    four_inputs,
    image_facts,
    mbus_decode,
    pulse_rate,
    reads,
    report,
    small_words,
    starting,
)
from tests.bench.figure import Figure


def _measure(seed: int, quick: bool, say: Callable[[str], None]) -> list[Figure]:
    say("finding the collector in the MicroPython image")
    collector = image_facts.find_collector()
    say("reading the node over its uplink")
    apart, thirds, quiet_s = (2, 3, 2) if quick else (60, 100, 30)
    figures = reads.measure(collector, seed, apart, thirds, quiet_s)
    say("reading on the 32-bit VM")
    figures += small_words.measure(1000 if quick else 10_000)
    say("decoding M-Bus telegrams")
    figures += mbus_decode.measure(1 if quick else 9)
    if quick:
        return figures
    say("starting it")
    figures += starting.measure(collector, phases=5)
    say("raising the pulse rate (some minutes)")
    figures += pulse_rate.measure()
    say("four inputs at 20 Hz")
    figures += four_inputs.measure()
    say("pulses during erases")
    return figures + erase_loss.measure()


@click.command()
@click.option("--quick", is_flag=True, help="A few reads, to see that the bench works.")
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=Path, help="Where to write; docs/measurements unless --quick.")
def main(quick: bool, seed: int, out: Path | None) -> None:
    """Measures speed and memory of the converter on the emulated Pico."""

    def say(what: str) -> None:
        click.echo(f"== {what}", err=True)

    native.build(say)
    figures = sorted(_measure(seed, quick, say), key=lambda f: f.group, reverse=True)
    report.show(figures)
    folder = out or (None if quick else report.FOLDER)
    if folder:
        report.write(folder, figures, report.about(seed))
        click.echo(f"written: {folder}/bench.json, bench.md", err=True)


if __name__ == "__main__":
    try:
        main()
    except SibiaoError as error:
        raise SystemExit(f"bench: {error}") from None
