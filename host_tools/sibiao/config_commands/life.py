"""`sibiao config life`: what a power cut can lose, and how long the flash lasts."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from sibiao.complete import COMMUNITY

if TYPE_CHECKING:
    from rich.table import Table

    from sibiao.config.device.life import Life


@click.command(
    help="What a power cut can lose at most, and how long the flash lasts, for a COMMUNITY.",
    epilog="Example: sibiao config life sample",
)
@click.argument("community", type=COMMUNITY)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(community, as_json):
    from rich.console import Console

    from sibiao.config.check.every import check
    from sibiao.config.device.life import life
    from sibiao.config.load import load

    loaded = load(community)
    check(loaded)
    found = life(loaded)
    if as_json:
        said = dataclasses.asdict(found) | {"covered": found.covered}
        click.echo(json.dumps(said, default=str))
        return
    console = Console()
    console.print(_table(community, found))
    for line in _sentences(found):
        console.print(line)


def _table(community: str, found: Life) -> Table:
    from rich.table import Table

    table = Table(title=f"{community}: every meter at its largest flow, without a pause")
    table.add_column("point")
    for name in ("lost in a power cut, at most", "in m³", "commits an hour", "erases an hour"):
        table.add_column(name, justify="right")
    for p in found.points:
        table.add_row(
            p.name,
            f"{p.loss_pulses} pulses",
            f"{p.loss_m3.normalize():f}",
            f"{p.commits_per_h:.0f}",
            f"{p.erases_per_h:.1f}",
        )
    return table


def _sentences(found: Life) -> list[str]:
    typical, worst = found.commit_ms
    years = found.flash_years
    lines = [
        f"The flash lasts {years:.0f} years at {found.erases_per_h:.0f} erases an hour.",
        f"Writing everything takes {typical:.0f} ms, {worst:.0f} ms with the slowest flash.",
    ]
    if found.hold_up_ms is None:
        lines.append("The board does not say when its supply fails: what the table says is lost.")
    elif found.covered:
        lines.append(
            f"The board holds out {found.hold_up_ms} ms: a power cut loses nothing counted."
        )
    else:
        lines.append(
            f"The board holds out {found.hold_up_ms} ms, which is too short to promise it: what "
            "the table says may be lost."
        )
    return lines
