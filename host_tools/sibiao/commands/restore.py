"""`sibiao restore`: dials of a unit whose records were lost, from the ledger or as just read."""

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.provision.options import dial_option, dials_of, kept_options
from sibiao.reader.unit import unit


@click.command(
    help="The converter at CONSOLE (its USB port) lost its records and is silent. Enter each lost "
    "dial: as --dial says, else the last that the ledger knows, which lacks what was counted "
    "since. Its status says restored ever after, and so does the ledger's row.",
    epilog="Example: sibiao restore /dev/ttyACM0 --community sample --dial water-301=2210.43",
)
@click.argument("console", type=PORT)
@kept_options
@dial_option("What the dial shows now; better than any record.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(console, community, units, serial, ledger_path, by, dials, yes):
    from sibiao.board.console import Commands, PortConsole
    from sibiao.ledger.file import Ledger
    from sibiao.provision.node import Dials, identified, index_of, point_named, pulse_points
    from sibiao.provision.restored import kept_dials
    from sibiao.provision.run import unit_data

    loaded = unit(community, units, serial)
    entered = dials_of(dials)
    for name, text in entered.items():
        index_of(loaded, point_named(loaded, name)[1], text)
    ledger = Ledger(ledger_path)
    known = kept_dials(ledger.rows(), loaded.community.serial)
    report = identified(loaded, console)
    points = {p.name: {"address": p.address} for p in loaded.community.points}
    with PortConsole(console) as port:
        commands = Commands(port, console, "restoring")
        node = Dials(loaded, commands)
        lost = [(n, p) for n, p in pulse_points(loaded) if node.read(n).text is None]
        if not lost and report["fault"] != "records lost: restore":
            raise SibiaoError(f"nothing of {report['serial']} is lost: nothing is restored")
        chosen = {p.name: _chosen(p, entered, known) for _, p in lost}
        for name, (text, source) in chosen.items():
            click.echo(f"{name}: {text} m3, {source}", err=True)
        if not yes:
            click.confirm("Enter this?", abort=True, err=True)
        data = unit_data(report, loaded) | {"points": points, "restored": True}
        with ledger.keeping("restore", loaded.community.serial, by, data):
            for number, point in lost:
                text, source = chosen[point.name]
                after = node.enter(number, text, "restore")
                points[point.name] |= {"dial": after.text, "source": source}
            if not lost:
                commands.command("restore 0", "lost")
    click.echo(f"{len(lost)} dials restored: in {ledger_path}")


def _chosen(point, entered, known):
    if point.name in entered:
        return entered[point.name], "as read now"
    if point.name in known:
        text, row = known[point.name]
        return text, f"from row {row.n} of the ledger, {row.time}: what came since is missing"
    raise SibiaoError(
        f"the ledger knows no dial of {point.name}: read it, and give --dial {point.name}=READING"
    )
