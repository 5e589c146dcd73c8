"""`sibiao decode`: what a frame says, byte by byte."""

import json
import sys

import click
from rich.console import Console
from rich.table import Table

from sibiao.complete import PROFILE
from sibiao.errors import SibiaoError
from sibiao.explain import auto, cjt188
from sibiao.explain.report import Explained
from sibiao.monitor.piece import Notice, from_json


@click.command(
    help="Explain every byte of a frame: HEX as printed, with spaces or without; or - to read "
    "one frame a line, or a recording of `sibiao monitor`, and answer one JSON line for each.",
    epilog="Example: sibiao decode 68 10 18 02 12 20 20 00 00 01 03 90 1F 00 97 16",
)
@click.option(
    "--link",
    type=click.Choice([*auto.LINKS, "auto"]),
    default="auto",
    show_default=True,
    help="Which link the frame is of.",
)
@click.option(
    "--profile",
    type=PROFILE,
    help="Meter profile (or uplink profile, for DL/T 645) to read it by.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
@click.argument("hexadecimal", metavar="HEX|-", nargs=-1, required=True)
def command(link, profile, as_json, hexadecimal):
    text = " ".join(hexadecimal)
    if text == "-":
        for number, line in enumerate(sys.stdin, 1):
            told = _of_line(line, link, profile, number)
            if told:
                click.echo(json.dumps(told))
        return
    explained = auto.explain(_bytes(text), link, profile)
    if as_json:
        click.echo(json.dumps(explained.as_json()))
        return
    _print(explained, _bytes(text), profile)
    if not explained.valid:
        raise SibiaoError(f"not a sound frame: {explained.error}")


def _of_line(line: str, link: str, profile: str | None, number: int) -> dict | None:
    if line.startswith("{"):
        piece = from_json(line, f"line {number}")
        if isinstance(piece, Notice):
            return None
        found = piece.link or link if link == "auto" else link
        return auto.explain(piece.data, found, profile).as_json()
    try:
        data = _bytes(line)
    except SibiaoError as error:
        return Explained(link, False, str(error)).as_json()
    return auto.explain(data, link, profile).as_json()


def _bytes(text: str) -> bytes:
    digits = "".join(text.replace("0x", " ").replace("0X", " ").replace(",", " ").split())
    digits = digits.replace(":", "").replace("-", "")
    try:
        data = bytes.fromhex(digits)
    except ValueError as error:
        shown = text.strip()[:40]
        raise SibiaoError(f"{shown!r} is not hexadecimal; write two digits a byte") from error
    if not data:
        raise SibiaoError("there are no bytes to decode; write two hexadecimal digits a byte")
    return data


def _print(explained: Explained, data: bytes, profile: str | None) -> None:
    console = Console()
    title = f"{explained.link}, {len(data)} bytes"
    table = Table(title=title + (f", read as {profile}" if profile else ""))
    table.add_column("byte", justify="right")
    table.add_column("hex", max_width=36)
    table.add_column("meaning", overflow="fold")
    table.add_column("value", overflow="fold", min_width=len("2026-01-15T08:00:00"))
    table.add_column("unit")
    for span in explained.spans:
        meaning = span.meaning if span.understood else f"? {span.meaning}"
        row = (str(span.offset), _spaced(span.raw), meaning, span.value or "", span.unit or "")
        table.add_row(*row, style=None if span.understood else "yellow")
    console.print(table)
    unclear = sum(len(span.raw) // 2 for span in explained.spans if not span.understood)
    if unclear and explained.valid:
        console.print(f"{unclear} bytes are not understood: they are marked with ?")
        fitting = cjt188.candidates(data) if explained.link == "cjt188" and not profile else []
        if fitting:
            console.print(f"Profiles that would make sense of it: {', '.join(fitting)}")


def _spaced(raw: str) -> str:
    return " ".join(raw[k : k + 2] for k in range(0, len(raw), 2))
