"""`sibiao scan`: which meters are on a live bus, and by which profiles they are read."""

import json
import re
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sibiao.bus.draft import decode_command, draft
from sibiao.bus.found import Meter, Report
from sibiao.bus.scan import BAUDS, LINKS, Wanted, scan
from sibiao.bus.wire_node import node_wire
from sibiao.bus.wire_port import PortWire
from sibiao.complete import PORT
from sibiao.config import load
from sibiao.errors import SibiaoError
from sibiao.explain import mbus_header

_NOTHING = """\
Nothing answered. What to check, in this order:
  the wires: both ends, and A with A, B with B on RS-485;
  the power: an M-Bus has 21 to 42 V from its level converter, an RS-485 meter its own supply;
  the level converter: the right kind for the bus (M-Bus, RS-485, TTL), its lamps, its driver;
  the line: meters set to another rate or parity (--baud, --parity), or slow ones (--wait 1500);
  the meter: some wake up for a while only when a key is pressed or a magnet is held to them."""


@click.command(
    help="Find the meters on a live bus: walks the line settings and both protocols, CJ/T 188 "
    "and M-Bus, and tells the best matching profile of each meter. Ctrl-C ends it with what was "
    "found.",
    epilog="Example: sibiao scan --port /dev/ttyUSB0 -o board_configs/communities/house-1.toml",
)
@click.option(
    "--port", type=PORT, help="Serial adapter on the bus, or socket://HOST:PORT of a gateway."
)
@click.option("--node", type=PORT, help="The node's USB port: it asks its own bus.")
@click.option("--bus", default="bus", show_default=True, help="The bus' name on the board.")
@click.option("--link", type=click.Choice(LINKS), help="Only this protocol.")
@click.option(
    "--baud", "bauds", type=click.Choice(BAUDS), multiple=True, help="Only this; may be repeated."
)
@click.option("--parity", "parities", type=click.Choice(["N", "E", "O"]), multiple=True)
@click.option("--address", "addresses", multiple=True, help="Number of a CJ/T 188 meter.")
@click.option("--primary", default="0-250", show_default=True, help="M-Bus addresses to ask.")
@click.option("--everywhere", is_flag=True, help="Ask them at every line setting.")
@click.option("--fabrication", "fabrications", multiple=True, help="On an M-Bus meter, 8 digits.")
@click.option("--tries", default=2, show_default=True, type=click.IntRange(1, 9))
@click.option("--wait", "wait_ms", default=0, help="With --port: so many ms more for slow ones.")
@click.option("--board", default="pico", show_default=True, help="Of the draft.")
@click.option("--uplink", default="virtual-meter", show_default=True, help="Of the draft.")
@click.option("-o", "out", type=click.Path(path_type=Path, dir_okay=False), help="Write a draft.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(
    port, node, bus, link, bauds, parities, addresses, primary, everywhere, fabrications, tries,
    wait_ms, board, uplink, out, as_json,
):  # fmt: skip
    if bool(port) == bool(node):
        raise SibiaoError(
            "where is the bus? --port /dev/ttyUSB0 for a serial adapter, or --node /dev/ttyACM0 "
            "for the bus of a running node; `sibiao ports` lists what is attached"
        )
    wanted = Wanted(
        links=(link,) if link else LINKS,
        bauds=bauds,
        parities=parities,
        primaries=_range(primary),
        everywhere=everywhere,
        addresses=[_digits(a, 14, "address", "0-9F") for a in addresses],
        fabrications=[_digits(f, 8, "fabrication", "0-9") for f in fabrications],
        tries=tries,
    )
    uarts = load.read("boards", board).uarts
    load.read("uplinks", uplink)
    if out and bus not in uarts:
        raise SibiaoError(f"board {board!r} has no {bus!r}; give --bus: {', '.join(uarts)}")
    if out and (out.exists() or not out.parent.is_dir()):
        why = "it exists already" if out.exists() else f"there is no folder {out.parent}"
        raise SibiaoError(f"-o {out}: {why}; choose another file")
    wire = PortWire(port, wait_ms) if port else node_wire(node, bus)
    with _Bar() as bar:
        report = scan(wire, wanted, bar)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        _print(report)
    if out:
        out.write_text(draft(report, board, uplink, bus), encoding="utf-8")
        click.echo(f"draft written: {out}", err=True)


def _range(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part.strip())
        if not match or int(match[2] or match[1]) > 250:
            raise SibiaoError(f"--primary {text!r}: write 0-250, or 1,5,20-30; 250 is the highest")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return found


def _digits(text: str, n: int, what: str, allowed: str) -> str:
    if not re.fullmatch(rf"[{allowed}]{{{n}}}", text):
        raise SibiaoError(f"--{what} {text!r}: it has {n} digits, most significant first")
    return text


class _Bar:
    """Progress on the error stream, for a person at a terminal only."""

    def __init__(self):
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._task = self._progress.add_task("", total=None)

    def __enter__(self):
        self._progress.start()
        return self

    def __exit__(self, *_):
        self._progress.stop()

    def planned(self, total_ms: float) -> None:
        self._progress.update(self._task, total=total_ms)

    def begins(self, what: str, at_ms: float) -> None:
        self._progress.update(self._task, description=what, completed=at_ms)

    def spent(self, ms: float) -> None:
        self._progress.advance(self._task, ms)


def _print(report: Report) -> None:
    console = Console()
    if report.meters:
        console.print(_table(report))
    for meter in report.meters:
        if meter.telegrams and not meter.best:
            console.print(f"No profile fits {_number(meter)}. What it says:")
            console.print(f"  {decode_command(meter)}", soft_wrap=True)
    for note in report.notes:
        where = f"{note.link} {note.baud} 8{note.parity}1: " if note.baud else ""
        console.print(where + note.text, style="yellow", markup=False)
    if not report.meters and not report.notes:
        console.print(_NOTHING, markup=False)


def _table(report: Report) -> Table:
    table = Table(title=f"{report.bus}: meters found: {len(report.meters)}")
    for name in ("line", "number", "maker, medium", "best profile, and what it reads"):
        table.add_column(name, overflow="fold")
    for meter in report.meters:
        table.add_row(
            f"{meter.link}\n{meter.baud} 8{meter.parity}1",
            _number(meter),
            _maker(meter),
            "\n".join(_reads(meter)),
        )
    return table


def _reads(meter: Meter) -> list[str]:
    if not meter.best:
        return ["no profile fits" if meter.telegrams else "gave no reading"]
    others = len(meter.fits) - 1
    more = [f"({others} more would fit)"] if others else []
    return [meter.best.profile, meter.best.shown(2), *more]


def _number(meter: Meter) -> str:
    if meter.link == "cjt188":
        return meter.address
    number = (meter.secondary_text or "")[:8]
    return f"{number}\nprimary {meter.primary}".strip()


def _maker(meter: Meter) -> str:
    if meter.link == "cjt188":
        return f"type {meter.telegrams[0][1]:02X}" if meter.telegrams else ""
    if meter.secondary is None or meter.secondary[4:6] == b"\xff\xff":
        return ""
    maker = mbus_header.manufacturer(meter.secondary[5:3:-1])
    return f"{maker}\n{mbus_header.medium(meter.secondary[7])}"
