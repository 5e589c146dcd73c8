"""How help is laid out: an option is never broken at its hyphens, so that it can be copied."""

import click

_UNBROKEN = "\u2011"  # looks like a hyphen, and no line is broken at it


class Formatter(click.HelpFormatter):
    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _UNBROKEN))

    def write(self, string: str) -> None:
        super().write(string.replace(_UNBROKEN, "-"))
