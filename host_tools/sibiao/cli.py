"""The `sibiao` command. Each subcommand is a module in `commands/`, imported when it is used."""

import sys

import click

from sibiao import __version__
from sibiao.errors import SibiaoError
from sibiao.help_text import Formatter
from sibiao.lazy import Lazy

click.Context.formatter_class = Formatter  # of every command


@click.group(
    cls=Lazy,
    package="sibiao.commands",
    epilog="Example: sibiao demo --seconds 15; sibiao COMMAND --help has one for each.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="sibiao")
def cli():
    """Sibiao: one converter between water, gas and heat meters and the electricity meter."""


def main():
    """Run the command line. A `SibiaoError` is one clear line and exit code 1."""
    try:
        cli(standalone_mode=True)
    except SibiaoError as error:
        click.secho(f"sibiao: {error}", fg="red", err=True)
        sys.exit(1)
