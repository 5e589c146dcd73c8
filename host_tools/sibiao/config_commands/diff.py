"""`sibiao config diff`: what really differs between two communities."""

import dataclasses
import json

import click


@click.command(
    help="What really differs between the communities A and B: effective values and how many "
    "points there are of each kind. Titles, serial numbers, addresses and base readings are not "
    "compared.",
    epilog="Example: sibiao config diff sample four-water",
)
@click.argument("a")
@click.argument("b")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(a, b, as_json):
    from sibiao.config.compare import differences, traits
    from sibiao.config.load import load

    found = differences(traits(load(a)), traits(load(b)))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(row) for row in found]))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not found:
        click.echo(f"{a} and {b} are the same but for what identifies them.")
        return
    table = Table()
    for title in ("key", a, b):
        table.add_column(title, overflow="fold")
    for row in found:
        table.add_row(*map(Text, (row.key, row.a, row.b)))
    Console().print(table)
