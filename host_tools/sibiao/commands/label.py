"""`sibiao label`: labels of units, with a QR code, as SVG or PNG."""

import re
from pathlib import Path

import click

from sibiao.complete import COMMUNITY
from sibiao.errors import SibiaoError
from sibiao.ledger.options import ledger_option


@click.command(
    help="Write a label for each unit: of a COMMUNITY (with --units: of all in that CSV, or of "
    "those named by --unit), or of those that rows of the ledger tell (--rows). The QR code says "
    "serial number and address, the text the points' addresses, too.",
    epilog="Examples: sibiao label sample --units units.csv -o labels; sibiao label --rows "
    "100-180 --format png -o labels",
)
@click.argument("community", type=COMMUNITY, required=False)
@click.option("--units", type=click.Path(path_type=Path, dir_okay=False), help="CSV of units.")
@click.option("--unit", "serials", multiple=True, help="Of --units; may be repeated.")
@click.option("--rows", help="Of the ledger: 7, 100-180, or 100- for all from there.")
@ledger_option
@click.option(
    "--format", "kind", type=click.Choice(["svg", "png"]), default="svg", show_default=True
)
@click.option(
    "-o",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    help="Folder to write SERIAL.svg into.",
)
def command(community, units, serials, rows, ledger_path, kind, folder):
    if (community is None) == (rows is None):
        raise click.UsageError("name a COMMUNITY, or --rows of the ledger")
    if serials and not units:
        raise click.UsageError("--unit needs --units")
    from sibiao.label import drawn

    found = _of_ledger(ledger_path, rows) if rows else _of_files(community, units, serials)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in found:
            path = folder / f"{each.serial}.{kind}"
            data = drawn.svg(each).encode() if kind == "svg" else drawn.png(each)
            path.write_bytes(data)
            click.echo(path)
    except OSError as error:
        raise SibiaoError(f"labels cannot be written to {folder}: {error.strerror}") from error


def _of_files(community, units, serials):
    from sibiao.config.load import load
    from sibiao.config.units.table import read_units, unit_named
    from sibiao.config.units.unit import unit_of
    from sibiao.label.unit import of_community

    loaded = load(community)
    if not units:
        return [of_community(loaded)]
    chosen = [unit_named(loaded, units, each) for each in serials] or read_units(loaded, units)
    return [of_community(unit_of(loaded, each)) for each in chosen]


def _of_ledger(path, text):
    from sibiao.label.unit import of_rows
    from sibiao.ledger.file import Ledger

    match = re.fullmatch(r"(\d+)(-(\d*))?", text)
    if not match:
        raise SibiaoError(f"--rows {text!r}: write 7, 100-180, or 100-")
    first = int(match[1])
    last = first if match[2] is None else int(match[3] or 10**9)
    return of_rows([row for row in Ledger(path).rows() if first <= row.n <= last])
