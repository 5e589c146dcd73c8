"""`sibiao config doc`: the sheet of a community."""

from pathlib import Path

import click

from sibiao.complete import COMMUNITY


@click.command(
    help="Write the sheet of a COMMUNITY for installer and laboratory: NAME.html, which holds "
    "everything, NAME.md, and the wiring picture NAME.svg.",
    epilog="Example: sibiao config doc sample -o sheets",
)
@click.argument("community", type=COMMUNITY)
@click.option(
    "-o", "--output", default=".", type=click.Path(file_okay=False), help="Folder; made if absent."
)
def command(community, output):
    from sibiao.config.load import load
    from sibiao.errors import SibiaoError
    from sibiao.sheet.page import sheet

    folder = Path(output)
    for name, text in sheet(load(community)).items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise SibiaoError(f"{folder / name} cannot be written: {error.strerror}") from error
        click.echo(folder / name)
