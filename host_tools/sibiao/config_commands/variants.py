"""`sibiao config variants`: how few products the communities of a directory really are."""

import json

import click


@click.command(
    help="Which communities of DIR (a folder of community files; the project's, if left out) are "
    "the same but for identity and how many points they have, and what separates the rest.",
    epilog="Example: sibiao config variants",
)
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(folder, as_json):
    from pathlib import Path

    from sibiao.config import load
    from sibiao.config.compare import variants
    from sibiao.errors import SibiaoError

    here = Path(folder) if folder else load.directory() / "communities"
    files = sorted(here.glob("*.toml"))
    if not files:
        raise SibiaoError(f"{here} holds no community; name a folder with *.toml in it")
    found = variants([str(path) for path in files])
    groups = [[Path(name).stem for name in group] for group in found.groups]
    if as_json:
        click.echo(json.dumps({"groups": groups, "keys": found.keys}))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(f"{len(files)} communities are {len(groups)} variants.", highlight=False)
    for number, group in enumerate(groups, 1):
        console.print(f"variant {number}: {', '.join(group)}", highlight=False)
    if found.keys:
        table = Table(title="what separates them")
        table.add_column("key", overflow="fold")
        for number in range(1, len(groups) + 1):
            table.add_column(f"variant {number}", overflow="fold")
        for key, told in found.keys.items():
            table.add_row(Text(key), *map(Text, told))
        console.print(table)
