"""`sibiao config explain`: every effective value and where it was set."""

import json

import click

from sibiao.complete import COMMUNITY


@click.command(
    help="Every effective value of a COMMUNITY, or those of KEY and below, with the file and line "
    "that set each.",
    epilog="Examples: sibiao config explain sample policy.save; sibiao config explain sample "
    "points.heat-301.meter; sibiao config explain sample board.uarts",
)
@click.argument("community", type=COMMUNITY)
@click.argument("key", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a value for programs.")
def command(community, key, as_json):
    from sibiao.config.load import load
    from sibiao.config.values import below, values

    found = below(values(load(community)), key)
    if as_json:
        for each in found:
            at = each.origin
            place = at and {"file": str(at.file), "line": at.line, "column": at.column}
            click.echo(json.dumps({"key": each.key, "value": each.value, "set_by": place}))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{community}: what holds, and what set it")
    table.add_column("key", overflow="fold")
    table.add_column("value", overflow="fold")
    table.add_column("set by", overflow="fold")
    for each in found:
        style = "dim" if each.origin is None else None
        table.add_row(Text(each.key), Text(each.text), Text(each.set_by), style=style)
    Console().print(table)
