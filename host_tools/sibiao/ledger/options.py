"""Which ledger, and who writes: options of every command that keeps one."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path

import click

NAME = "sibiao-ledger.jsonl"


def ledger_option(function: Callable) -> Callable:
    return click.option(
        "--ledger",
        "ledger_path",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="SIBIAO_LEDGER",
        default=NAME,
        show_default=True,
        help="The ledger's file, or SIBIAO_LEDGER.",
    )(function)


def by_option(function: Callable) -> Callable:
    return click.option(
        "--by", default=account, help="Who does it; the account's name, if not given."
    )(function)


def account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""  # a container without accounts
