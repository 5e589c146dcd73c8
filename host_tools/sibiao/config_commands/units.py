"""`sibiao config units`: the units of a community, from a CSV file."""

import csv
import json
import sys

import click

from sibiao.complete import COMMUNITY


@click.command(
    help="The units of a COMMUNITY that the CSV FILE holds: serial numbers, addresses, base "
    "readings. Every mistake is told by row and column. docs/units.md says what the columns are.",
    epilog="Examples: sibiao config units sample --template > units.csv; sibiao config units "
    "sample units.csv --check",
)
@click.argument("community", type=COMMUNITY)
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option("--check", "only_check", is_flag=True, help="Say only whether all is well.")
@click.option("--template", "as_template", is_flag=True, help="Write a file to be filled in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a unit for programs.")
def command(community, file, only_check, as_template, as_json):
    from pathlib import Path

    from sibiao.config.load import load
    from sibiao.config.units.table import read_units
    from sibiao.config.units.unit import template

    if as_template == (file is not None):
        raise click.UsageError("name a FILE, or ask for a --template")
    loaded = load(community)
    if as_template:
        csv.writer(sys.stdout, lineterminator="\n").writerows(template(loaded))
        return
    units = read_units(loaded, Path(file))
    if as_json:
        for unit in units:
            click.echo(json.dumps({column.name: text for column, text in unit.cells.items()}))
    elif only_check:
        click.echo(f"{file}: {len(units)} unit{'s' * (len(units) > 1)} of {community}, all well")
    else:
        _show(loaded, units)


def _show(loaded, units):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{len(units)} unit{'s' * (len(units) > 1)} of {loaded.name}")
    titles = ("unit", "point", "address", "meter's address", "base reading", "dwelling")
    for title, width in zip(titles, (None, None, 12, 14, None, None), strict=True):
        table.add_column(title, overflow="fold", min_width=width)
    names = [point.name for point in loaded.community.points]
    for unit in units:
        for point in (None, *range(len(names))):
            told = {c.key: text for c, text in unit.cells.items() if c.point == point}
            asked = told.get("meter_address") or " ".join(
                told[key] for key in ("secondary_address", "fabrication") if key in told
            )
            row = (
                unit.serial if point is None else "",
                "converter" if point is None else names[point],
                told["address"],
                asked,
                told.get("base_reading", ""),
                told.get("dwelling", ""),
            )
            table.add_row(*map(Text, row), end_section=point == len(names) - 1)
    Console().print(table)
