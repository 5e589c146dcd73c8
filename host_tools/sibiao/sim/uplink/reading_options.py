"""Which registers a simulated electricity meter reads, as options of a command."""

from __future__ import annotations

from collections.abc import Callable

import click

from sibiao.complete import COMMUNITY


def reading_options(function: Callable) -> Callable:
    for option in (
        click.option("--read", "texts", metavar="ADDRESS:DI:FORMAT", multiple=True,
                     help="Only this one."),
        click.option("--community", type=COMMUNITY, default="sample", show_default=True,
                     help="Whose registers to read."),
    ):  # fmt: skip
        function = option(function)
    return function
