"""Which converter is asked, and over what: what the commands at the meter have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import click

from sibiao.complete import COMMUNITY
from sibiao.config.load import Loaded, load
from sibiao.config.units.table import unit_named
from sibiao.config.units.unit import unit_of
from sibiao.errors import SibiaoError
from sibiao.reader.client import Client, Sealing
from sibiao.reader.exchange import NoAnswer
from sibiao.reader.line import UplinkPort
from sibiao.reader.sealed import Seal


def unit_options(function: Callable) -> Callable:
    for option in (
        click.option("--units", type=click.Path(path_type=Path, dir_okay=False),
                     help="CSV of units: sibiao config units."),
        click.option("--community", type=COMMUNITY, required=True,
                     help="A name in board_configs, or a file."),
    ):  # fmt: skip
        function = option(function)
    return function


def line_options(function: Callable) -> Callable:
    """How the line is set, how patient, and the key of sealed requests."""
    for option in (
        click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False),
                     envvar="SIBIAO_KEY_FILE",
                     help="Seal requests with the key in this file: 32 hexadecimal digits."),
        click.option("--wait", "wait_ms", default=0, type=click.IntRange(0, 60000),
                     help="Wait so many ms longer for each answer (a module, a gateway)."),
        click.option("--tries", default=3, show_default=True, type=click.IntRange(1, 9)),
        click.option("--baud", type=int, help="Of the line, where it is not the uplink's."),
    ):  # fmt: skip
        function = option(function)
    return function


def unit(community: str, units: Path | None, serial: str | None) -> Loaded:
    if (units is None) != (serial is None):
        raise click.UsageError("--unit and --units go together")
    loaded = load(community)
    return unit_of(loaded, unit_named(loaded, units, serial)) if units else loaded


def key_in(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise SibiaoError(f"key file {path} cannot be read: {error.strerror}") from error
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", text):
        raise SibiaoError(f"key file {path} does not hold 32 hexadecimal digits")
    return bytes.fromhex(text)


def opened(port: str, loaded: Loaded, baud: int | None, wait_ms: int) -> UplinkPort:
    line = loaded.uplink.line
    return UplinkPort(port, baud or line.baud, line.parity, wait_ms)


def client_of(
    line: UplinkPort, loaded: Loaded, tries: int, key_file: Path | None, writes: bool = False
) -> Client:
    sealing = None
    if key_file is not None:
        if loaded.uplink.sealed == "off":
            raise SibiaoError(
                f"community {loaded.name!r} has an uplink without seals: leave --key-file out"
            )
        sealing = Sealing(Seal(key_in(key_file), loaded.community.serial))
    elif loaded.uplink.sealed == "all" or (writes and loaded.uplink.sealed == "writes"):
        raise SibiaoError(f"community {loaded.name!r} takes this sealed only: give --key-file")
    return Client(line, tries=tries, sealing=sealing)


def explained(error: SibiaoError, line: UplinkPort) -> SibiaoError:
    """Silence with what else could be found out at this line."""
    if not isinstance(error, NoAnswer):
        return error
    try:
        there = Client(line, tries=1).who()
    except SibiaoError:
        return SibiaoError(
            f"{error}; no other address answers either: check wires and power, that nobody else "
            "asks on this line, and the rate (--baud)"
        )
    if there == error.address:
        return SibiaoError(f"{error}; to the address of anybody it answers: repeat")
    return SibiaoError(f"{error}; here answers {there}: is that the one, with other points?")
