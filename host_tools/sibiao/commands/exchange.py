"""`sibiao exchange`: another meter at a point: both readings in one event, into the ledger."""

from decimal import Decimal

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.provision.options import kept_options
from sibiao.reader.unit import unit


@click.command(
    help="The meter of POINT is exchanged: OLD is what its dial shows at the end, NEW what the "
    "new one's shows now. The converter at CONSOLE (its USB port) keeps the last index of the old "
    "one and the first of the new one in one event; the ledger gets both, and what was read. Of a "
    "meter on a bus say the new one's address: it is asked first, and must show NEW; its profile "
    "stays. A newly flashed address goes before it, so write it into the units' CSV as well.",
    epilog="Examples: sibiao exchange /dev/ttyACM0 --community sample water-301 2210.43 0.12; "
    "sibiao exchange /dev/ttyACM0 --community sample heat-301 8714 0 --meter-address "
    "11110017312200 --dial-unit kWh",
)
@click.argument("console", type=PORT)
@click.argument("point")
@click.argument("old")
@click.argument("new")
@kept_options
@click.option("--meter-address", help="Of the new meter on a bus: 14 digits, or primary.")
@click.option("--secondary-address", help="Of the new M-Bus meter.")
@click.option("--fabrication", help="Beside it, where meters share one.")
@click.option(
    "--dial-unit",
    type=click.Choice(["m3", "kWh", "MWh", "MJ", "GJ"]),
    help="Of OLD and NEW of a bus meter; else that of its index (m3, kWh, GJ).",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    console, point, old, new, community, units, serial, ledger_path, by, meter_address,
    secondary_address, fabrication, dial_unit, yes,
):  # fmt: skip
    from sibiao.board.console import Commands, PortConsole
    from sibiao.ledger.file import Ledger
    from sibiao.provision.node import bus_points, identified, index_of, point_named
    from sibiao.provision.run import unit_data

    loaded = unit(community, units, serial)
    told = {
        key: text
        for key, text in (
            ("meter_address", meter_address),
            ("secondary_address", secondary_address),
            ("fabrication", fabrication),
        )
        if text
    }
    if told:
        from sibiao.provision.meter import another, dial

        number, made = another(loaded, point, told)
        dial(old, "m3"), dial(new, "m3")
    else:
        if point in {each.name for _, each in bus_points(loaded)}:
            raise SibiaoError(
                f"{point} is a meter on a bus: say the new one's address (--meter-address, or "
                "--secondary-address)"
            )
        number, at = point_named(loaded, point)
        index_of(loaded, at, old), index_of(loaded, at, new)
    report = identified(loaded, console)
    ledger = Ledger(ledger_path)
    with PortConsole(console) as port:
        commands = Commands(port, console, "the exchange")
        data = unit_data(report, loaded)
        if told:
            said, do = _on_bus(commands, made, number, told, old, new, dial_unit, yes)
        else:
            said, do = _pulses(commands, loaded, number, old, new, yes)
        every = {each.name: {"address": each.address} for each in loaded.community.points}
        data["points"] = every | {point: said}
        with ledger.keeping("exchange", loaded.community.serial, by, data):
            do()
    click.echo(f"{point}: old dial {old}, new dial {new}: in {ledger_path}")


def _pulses(commands, loaded, number, old, new, yes):
    """What the ledger says of it, filled by doing it; and that."""
    from sibiao.provision.node import Dials, index_of
    from sibiao.reader.written import REASONS

    point = loaded.community.points[number - 1]
    index = index_of(loaded, point, new)
    dials = Dials(loaded, commands)
    before = dials.read(number)
    if before.text is None:
        raise SibiaoError(f"the record of {point.name} is lost: sibiao restore comes first")
    _confirm(yes, f"{point.name}: old dial {old} m3 (converter: {before.text}), new dial {new} m3")
    told = {
        "address": point.address,
        "old_dial": old,
        "old_converter": before.text,
        "dial_less_converter": str(Decimal(old) - Decimal(before.text)),
    }

    def do():
        told["dial"] = dials.enter(number, new, "exchanged").text
        preset = dials.preset()
        if (preset[0], preset[1], preset[3]) != (number, REASONS["exchanged"], index):
            raise SibiaoError(f"{point.name} shows {told['dial']} m3, and kept no such event")

    return told, do


def _on_bus(commands, loaded, number, address, old, new, dial_unit, yes):
    """The same; the new meter has answered before."""
    from sibiao.provision.meter import BusMeters, agrees, dial, in_unit
    from sibiao.provision.node import Dials
    from sibiao.reader.written import REASONS

    point = loaded.community.points[number - 1]
    meters = BusMeters(commands, loaded)
    found = meters.asked(number)
    found = in_unit(found, dial_unit or found.unit)
    old, new = dial(old, found.unit), dial(new, found.unit)
    where = " ".join(address.values())
    if not agrees(new, found):
        raise SibiaoError(
            f"the meter at {where} shows {found.text}, and not {new.text}: is that its address, "
            "and its dial's unit? Nothing was changed"
        )
    _confirm(yes, f"{point.name}: old dial {old.text}; the new meter {where} answers {found.text}")
    told = {"address": point.address, **address, "old_dial": old.text, "new_dial": new.text}

    def do():
        last, first = meters.exchange(number, old)
        told["old_converter"] = "" if last is None else in_unit(last, found.unit).text
        told["new_converter"] = in_unit(first, found.unit).text
        if Dials(loaded, commands).preset()[:2] != (number, REASONS["exchanged"]):
            raise SibiaoError(f"{point.name}: the node has exchanged it, and kept no such event")

    return told, do


def _confirm(yes, question):
    if not yes:
        click.confirm(f"{question}. Enter it?", abort=True, err=True)
