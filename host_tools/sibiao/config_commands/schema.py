"""`sibiao config schema`: what editors know of configuration files, as JSON Schema."""

from pathlib import Path

import click


@click.command(
    help="Write the JSON Schema of each KIND of file (boards, chips, communities, meters, "
    "uplinks; all, if left out), by which editors complete and underline.",
    epilog="Example: sibiao config schema",
)
@click.argument("kinds", metavar="[KIND]...", nargs=-1)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder; .schema of board_configs if left out."
)
def command(kinds, out):
    from sibiao.config import json_schema
    from sibiao.config.load import KINDS, directory
    from sibiao.config.problems import meant, shown
    from sibiao.errors import SibiaoError

    for kind in kinds:
        if kind not in KINDS:
            hint = meant(kind, KINDS) or f"there are: {', '.join(sorted(KINDS))}"
            raise SibiaoError(f"{kind!r} is no kind of file; {hint}")
    folder = out or directory() / json_schema.FOLDER
    for path in json_schema.write(folder, list(kinds) or sorted(KINDS)):
        click.echo(f"written: {shown(path)}")
