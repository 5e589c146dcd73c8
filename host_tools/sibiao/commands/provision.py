"""`sibiao provision`: key, clock, addresses and dials of a unit, read back, into the ledger."""

import contextlib
from pathlib import Path

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.provision.options import dial_option, dials_of, kept_options
from sibiao.reader.unit import client_of, key_in, line_options, opened, unit


@click.command(
    help="Make the running converter at CONSOLE (its USB port) the unit that the community or "
    "its --units say: key, clock, station addresses, dials. Each is read back, and the ledger "
    "gets a row, also when a step fails. With --uplink (the uplink's port, where an electricity "
    "meter would be) addresses and key are proved there.",
    epilog="Example: sibiao provision /dev/ttyACM0 --community sample --units units.csv --unit "
    "SB26000002 --uplink /dev/ttyUSB0 --dial water-301=1234.50",
)
@click.argument("console", type=PORT)
@kept_options
@click.option("--uplink", type=PORT, help="Serial port, PTY or socket://HOST:PORT of the uplink.")
@line_options
@click.option(
    "--new-key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Make a key, write it into this new file, and give it to the converter.",
)
@dial_option("What the dial shows now; points without begin at their base reading.")
@click.option("--operator", default="00000000", show_default=True, help="Operator code, 8 digits.")
def command(
    console, community, units, serial, ledger_path, by, uplink, baud, tries, wait_ms, key_file,
    new_key, dials, operator,
):  # fmt: skip
    from sibiao.config.load import load
    from sibiao.ledger.file import Ledger
    from sibiao.provision.key import make_key
    from sibiao.provision.node import identified, index_of, point_named
    from sibiao.provision.run import unit_data

    loaded = unit(community, units, serial)
    entered = dials_of(dials)
    for name, text in entered.items():
        index_of(loaded, point_named(loaded, name)[1], text)
    if (key_file or new_key) and loaded.uplink.sealed == "off":
        raise SibiaoError(f"the uplink of {loaded.name!r} has no seals: it takes no key")
    if key_file and new_key:
        raise click.UsageError("--key-file or --new-key, not both")
    report = identified(loaded, console)
    if report["fault"] == "records lost: restore":
        raise SibiaoError(
            f"the records of {report['serial']} are lost: sibiao restore, not provision"
        )
    if new_key:
        make_key(new_key)
    key_file = new_key or key_file
    data = unit_data(report, loaded)
    ledger = Ledger(ledger_path)
    with contextlib.ExitStack() as stack:
        client = None
        if uplink:
            line = stack.enter_context(opened(uplink, loaded, baud, wait_ms))
            client = client_of(line, loaded, tries, key_file, writes=True)
        with ledger.keeping("provision", loaded.community.serial, by, data):
            _steps(console, loaded, load(community), report, entered, key_file, client, operator,
                   data)  # fmt: skip
    click.echo(f"unit {loaded.community.serial} is in {ledger_path}")


def _steps(console, loaded, flashed, report, entered, key_file, client, operator, data):
    from sibiao.board.console import Commands, PortConsole
    from sibiao.provision.addresses import Addresses
    from sibiao.provision.run import Provision
    from sibiao.reader import password

    with PortConsole(console) as port:
        commands = Commands(port, console, "provisioning")

        def told(step, what):
            click.echo(f"{step}: {what}", err=True)

        work = Provision(loaded, flashed, report, commands, entered, told)
        # Filled step by step: what a failing one leaves behind it is told, too.
        data.update(points=work.done.points, steps=work.done.steps)
        if key_file:
            work.key(key_in(key_file), client)
        work.clock()
        settled = client and Addresses(client, commands, flashed, operator, lambda: password.by(4))
        work.addresses(settled)
        work.dials()
