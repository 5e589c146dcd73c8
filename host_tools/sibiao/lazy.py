"""A group of commands, each a module of one package, imported when it is used."""

import importlib
import pkgutil

import click


class Lazy(click.Group):
    """Commands that were added by hand are there, too."""

    def __init__(self, *args, package, **options):
        super().__init__(*args, **options)
        self.package = importlib.import_module(package)

    def list_commands(self, ctx):
        modules = (module.name for module in pkgutil.iter_modules(self.package.__path__))
        return sorted({*super().list_commands(ctx), *modules})

    def get_command(self, ctx, name):
        added = super().get_command(ctx, name)
        if added is not None or name not in self.list_commands(ctx):
            return added
        return importlib.import_module(f"{self.package.__name__}.{name}").command
