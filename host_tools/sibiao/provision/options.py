"""What `provision`, `exchange` and `restore` have in common."""

from __future__ import annotations

from collections.abc import Callable

import click

from sibiao.errors import SibiaoError
from sibiao.ledger.options import by_option, ledger_option
from sibiao.reader.unit import unit_options


def kept_options(function: Callable) -> Callable:
    """Which unit, which ledger, and who."""
    serial = click.option("--unit", "serial", help="Serial number of the unit in --units.")
    return unit_options(serial(ledger_option(by_option(function))))


def dial_option(help: str) -> Callable:
    return click.option("--dial", "dials", multiple=True, metavar="POINT=M3", help=help)


def dials_of(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, dial = text.partition("=")
        if not equals or name in found:
            raise SibiaoError(f"--dial {text!r}: write POINT=READING, one for each point")
        found[name] = dial
    return found
