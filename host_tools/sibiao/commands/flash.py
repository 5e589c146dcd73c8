"""`sibiao flash`: a community onto a board."""

import json

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sibiao.board.flash import flash
from sibiao.config.load import load


@click.command(
    epilog="Example: sibiao flash sample --port /dev/ttyACM0",
    help="Put a COMMUNITY (a name in board_configs, or a file) on the board at PORT.",
)
@click.argument("community")
@click.option("--port", required=True, help="Serial port of the board's MicroPython console.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(community, port, as_json):
    loaded = load(community)
    console = Console(stderr=as_json)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console
    ) as bar:
        task = bar.add_task("building", total=None)
        done = flash(
            loaded,
            port,
            lambda what, now, total: bar.update(
                task, description=what, completed=now, total=total or None
            ),
        )
        bar.update(task, description="done", completed=1, total=1)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "slot": done.slot,
                    "copied": done.copied,
                    "copied_bytes": done.copied_bytes,
                    "kept": done.kept,
                    "report": done.report,
                }
            )
        )
        return
    table = Table(title=f"{community} runs on {port}", show_header=False)
    for key in ("serial", "address", "community", "config", "firmware", "slot", "unit"):
        table.add_row(key, str(done.report[key]))
    table.add_row(
        "files", f"{len(done.copied)} copied ({done.copied_bytes} bytes), {done.kept} kept"
    )
    console.print(table)
