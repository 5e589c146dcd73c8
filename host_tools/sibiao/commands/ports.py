"""`sibiao ports`: what is attached."""

import json

import click
from rich.console import Console
from rich.table import Table
from serial.tools import list_ports


@click.command(
    help="List serial ports with what is known of the device behind each.",
    epilog="Example: sibiao ports --json",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(as_json):
    found = [
        {
            "port": p.device,
            "description": p.description,
            "usb": f"{p.vid:04x}:{p.pid:04x}" if p.vid is not None else None,
            "serial": p.serial_number,
        }
        for p in sorted(list_ports.comports())
    ]
    if as_json:
        click.echo(json.dumps(found))
        return
    if not found:
        click.echo("No serial port is attached.")
        return
    table = Table("port", "description", "USB id", "serial number")
    for row in found:
        table.add_row(*(str(row[k] or "") for k in ("port", "description", "usb", "serial")))
    Console().print(table)
