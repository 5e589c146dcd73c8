"""`sibiao flash`: a community onto a board."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sibiao.board.flash import Flashed, flash
from sibiao.complete import COMMUNITY
from sibiao.config.load import load
from sibiao.config.units import unit_of
from sibiao.config.units_csv import unit_named

_ROWS = ("serial", "address", "community", "config", "firmware", "slot", "unit")


@click.command(
    epilog="Example: sibiao flash sample --port /dev/ttyACM0",
    help="Put a COMMUNITY (a name in board_configs, or a file) on the board at PORT.",
)
@click.argument("community", type=COMMUNITY)
@click.option("--port", required=True, help="Serial port of the board's MicroPython console.")
@click.option(
    "--in-service",
    is_flag=True,
    help="The board has counted before: if its records are gone, it stays silent until restored.",
)
@click.option("--unit", metavar="SERIAL", help="Which unit of those in --units this board is.")
@click.option("--units", metavar="FILE", help="CSV of units: sibiao config units COMMUNITY.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(community, port, in_service, unit, units, as_json):
    if (unit is None) != (units is None):
        raise click.UsageError("--unit and --units go together")
    loaded = load(community)
    if unit is not None:
        loaded = unit_of(loaded, unit_named(loaded, Path(units), unit))
    # Progress is for people; what programs read comes alone.
    with Progress(
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        done = flash(loaded, port, _shown(bar), in_service)
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        Console().print(_table(f"{community} runs on {port}", done))


def _shown(bar: Progress):
    task = bar.add_task("", total=None)

    def show(what: str, done: int, total: int) -> None:
        # The bar pulses while there is nothing to count; `update` cannot take a total back.
        bar.tasks[task].total = total or None
        bar.update(task, description=what, completed=done)

    return show


def _table(title: str, done: Flashed) -> Table:
    table = Table(title=title, show_header=False)
    for key in _ROWS:
        table.add_row(key, str(done.report.get(key)))
    table.add_row(
        "files", f"{len(done.copied)} copied ({done.copied_bytes} bytes), {done.kept} kept"
    )
    return table
