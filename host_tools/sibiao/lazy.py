"""A group of commands, each a module of one package, imported when it is used. The list of them
says what their modules say of themselves, so that help imports none."""

import importlib
import pkgutil
import re
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_ABOUT = re.compile(r'"""`[^`]*`: (.+?)(?:"""|\.\s|\n\n)', re.DOTALL)


class Lazy(click.Group):
    def __init__(self, *args, package, **options):
        super().__init__(*args, **options)
        self.package = importlib.import_module(package)

    def list_commands(self, ctx):
        return sorted(module.name for module in pkgutil.iter_modules(self.package.__path__))

    def get_command(self, ctx, name):
        if name not in self.list_commands(ctx):
            return None
        return importlib.import_module(f"{self.package.__name__}.{name}").command

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._about(name)) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx, incomplete):
        found = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        named = [CompletionItem(name, help=self._about(name)) for name in found]
        # Past `Group`, which would load every command for its help.
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def _about(self, name):
        path = Path(self.package.__path__[0], f"{name}.py")
        said = " ".join(_ABOUT.match(path.read_text(encoding="utf-8"))[1].split())
        return (said[:1].upper() + said[1:]).rstrip(".")
