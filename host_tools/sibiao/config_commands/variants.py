"""`sibiao config variants`: how few products the communities of a directory really are."""

import json

import click


@click.command(
    help="Which communities of DIR (a folder of community files; the project's, if left out) are "
    "the same but for identity and how many points they have, and what separates the rest.",
    epilog="Example: sibiao config variants",
)
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--all", "as_all", is_flag=True, help="Every key that differs, not a few that tell.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(folder, as_all, as_json):
    from pathlib import Path

    from sibiao.config import load
    from sibiao.config.compare import variants
    from sibiao.errors import SibiaoError

    here = Path(folder) if folder else load.directory() / "communities"
    names = sorted(path.stem for path in here.glob("*.toml"))
    if not names:
        raise SibiaoError(f"{here} holds no community; name a folder with *.toml in it")
    files = load.Files(here.resolve().parent)
    found = variants(map(files.load, names))
    if as_json:
        told = {"groups": found.groups, "keys": found.keys, "telling": found.telling}
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{len(names)} communities are {len(found.groups)} variant{'s' * (len(found.groups) > 1)}:"
    )
    for number, group in enumerate(found.groups, 1):
        click.echo(f"{number:4}  {', '.join(group)}")
    if found.keys:
        _show(found, found.keys if as_all else found.telling)


def _show(found, keys):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for title in ("key", "value", "in variants"):
        table.add_column(title, overflow="fold")
    for key in keys:
        told = found.keys[key]
        for value in dict.fromkeys(told):
            where = [str(n) for n, each in enumerate(told, 1) if each == value]
            table.add_row(Text(key if value == told[0] else ""), Text(value), ", ".join(where))
        table.add_section()
    Console().print(table)
    if len(keys) < len(found.keys):
        click.echo(f"These tell them apart; {len(found.keys)} keys differ in all: --all")
