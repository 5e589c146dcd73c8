"""`sibiao config identifiers`: the data identifiers of uplinks, as docs/identifiers.md."""

import click


@click.command(
    help="The data identifiers of the UPLINKs named, or of all, as the page docs/identifiers.md.",
    epilog="Example: sibiao config identifiers > docs/identifiers.md",
)
@click.argument("uplinks", nargs=-1)
def command(uplinks):
    from sibiao.config.load import names
    from sibiao.explain.identifiers_page import page

    click.echo(page(list(uplinks) or names("uplinks")), nl=False)
