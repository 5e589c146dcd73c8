"""`sibiao config boards`: the page docs/boards.md."""

import click


@click.command(
    help="The boards and chips that there are, as the page docs/boards.md.",
    epilog="Example: sibiao config boards > docs/boards.md",
)
def command():
    from sibiao.sheet.boards import page

    click.echo(page(), nl=False)
