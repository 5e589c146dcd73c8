"""`sibiao exchange`: another pulse meter at a point: both dials in one event, into the ledger."""

from decimal import Decimal

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.provision.options import kept_options
from sibiao.reader.unit import unit


@click.command(
    help="The meter of POINT is exchanged: OLD is what its dial shows at the end, NEW what the "
    "new one's shows now. The converter at CONSOLE (its USB port) keeps its own last index "
    "and the new one in one event; the ledger both and what was read. A meter on a bus is "
    "exchanged in the configuration: its new address in the units' CSV, then sibiao flash.",
    epilog="Example: sibiao exchange /dev/ttyACM0 --community sample water-301 2210.43 0.12",
)
@click.argument("console", type=PORT)
@click.argument("point")
@click.argument("old")
@click.argument("new")
@kept_options
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(console, point, old, new, community, units, serial, ledger_path, by, yes):
    from sibiao.board.console import Commands, PortConsole
    from sibiao.ledger.file import Ledger
    from sibiao.provision.node import Dials, identified, index_of, point_named
    from sibiao.provision.run import unit_data
    from sibiao.reader.written import REASONS

    loaded = unit(community, units, serial)
    number, at = point_named(loaded, point)
    index_of(loaded, at, old)
    index = index_of(loaded, at, new)
    report = identified(loaded, console)
    with PortConsole(console) as port:
        dials = Dials(loaded, Commands(port, console, "the exchange"))
        before = dials.read(number)
        if before.text is None:
            raise SibiaoError(f"the record of {point} is lost: sibiao restore comes first")
        question = f"{point}: old dial {old} m3 (converter: {before.text}), new dial {new} m3"
        if not yes:
            click.confirm(f"{question}. Enter it?", abort=True, err=True)
        told = {
            "address": at.address,
            "old_dial": old,
            "old_converter": before.text,
            "dial_less_converter": str(Decimal(old) - Decimal(before.text)),
        }
        data = unit_data(report, loaded) | {"points": {point: told}}
        with Ledger(ledger_path).keeping("exchange", loaded.community.serial, by, data):
            told["dial"] = dials.enter(number, new, "exchanged").text
            preset = dials.preset()
            if (preset[0], preset[1], preset[3]) != (number, REASONS["exchanged"], index):
                raise SibiaoError(f"{point} shows {told['dial']} m3, and kept no such event")
    click.echo(f"{question}: in {ledger_path}")
