"""`sibiao config`: what configuration files mean."""

import dataclasses
import json

import click
from rich.console import Console
from rich.table import Table

from sibiao.config.check import check
from sibiao.config.life import Life, life
from sibiao.config.load import load, names
from sibiao.explain.identifiers_page import page
from sibiao.lazy import Lazy


@click.group(
    cls=Lazy,
    package="sibiao.config_commands",
    help="What configuration files mean, before anything is flashed.",
)
def command():
    pass


@command.command(
    "life",
    help="What a power cut can lose at most, and how long the flash lasts, for a COMMUNITY.",
    epilog="Example: sibiao config life sample",
)
@click.argument("community")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def life_command(community, as_json):
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


@command.command(
    "identifiers",
    help="The data identifiers of the UPLINKs named, or of all, as the page docs/identifiers.md.",
    epilog="Example: sibiao config identifiers > docs/identifiers.md",
)
@click.argument("uplinks", nargs=-1)
def identifiers_command(uplinks):
    click.echo(page(list(uplinks) or names("uplinks")), nl=False)


def _table(community: str, found: Life) -> Table:
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
