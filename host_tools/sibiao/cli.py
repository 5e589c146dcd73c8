"""The `sibiao` command. Each subcommand is a module in `commands/`, imported when it is used."""

import importlib
import pkgutil
import sys

import click

from sibiao import __version__, commands
from sibiao.errors import SibiaoError


class _Commands(click.Group):
    def list_commands(self, ctx):
        return sorted(m.name for m in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx, name):
        if name not in self.list_commands(ctx):
            return None
        return importlib.import_module(f"sibiao.commands.{name}").command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
