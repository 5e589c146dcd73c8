"""`sibiao ports`: what is attached, and which boards it is."""

import json
from dataclasses import asdict

import click

_COLUMNS = {
    "port": "port",
    "description": "description",
    "usb": "USB id",
    "serial": "USB serial number",
    "chip": "chip",
    "board_id": "board id",
    "runs": "runs",
}


@click.command(
    help="List serial ports with what is known of the device behind each. --ask asks those that "
    "are boards by their USB id who they are; nothing is interrupted or restarted by that.",
    epilog="Example: sibiao ports --ask",
)
@click.option("--ask", "is_asked", is_flag=True, help="Ask boards for board id and unit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(is_asked, as_json):
    from sibiao.board.found import attached
    from sibiao.config import load

    chips = [load.read("chips", name) for name in load.names("chips")]
    found = [_row(port, chips, is_asked) for port in attached()]
    if as_json:
        click.echo(json.dumps(found))
    elif not found:
        click.echo("No serial port is attached.")
    else:
        _show(found)


def _row(port, chips, is_asked):
    from sibiao.board.found import chips_of, who

    titles = chips_of(port, chips)
    said = who(port.port) if titles and is_asked else {}
    runs = f"{said['serial']} of {said['community']}" if "community" in said else None
    return asdict(port) | {
        "chip": " or ".join(titles) or None,
        "board_id": said.get("board_id"),
        "runs": runs or said.get("prompt") or said.get("error"),
    }


def _show(found):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = [key for key in _COLUMNS if any(row[key] for row in found)]
    table = Table(*(_COLUMNS[key] for key in shown))
    for row in found:
        table.add_row(*(Text(str(row[key] or "")) for key in shown))
    Console().print(table)
