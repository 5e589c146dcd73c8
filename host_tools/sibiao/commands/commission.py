"""`sibiao commission`: each point proved at its meter: the dial, a draw, the count, signed."""

import contextlib

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.provision.options import dials_of, kept_options
from sibiao.reader.unit import client_of, explained, line_options, opened, unit


@click.command(
    help="Prove each point of a unit at its meter: enter the dial, draw until the pulses have "
    "come (or a bus meter's value has changed), enter the dial again; both are compared, what is "
    "wrong is said in words, and the ledger gets a row for each point. Points that it has signed "
    "as good are skipped. The count is read over --uplink, else over --console.",
    epilog="Examples: sibiao commission --community sample --uplink /dev/ttyUSB0; sibiao "
    "commission --community sample --console /dev/ttyACM0 --point water-301 --set-base",
)
@kept_options
@click.option("--uplink", type=PORT, help="Serial port, PTY or socket://HOST:PORT of the uplink.")
@click.option("--console", type=PORT, help="The converter's USB port.")
@line_options
@click.option("--point", "names", multiple=True, help="Only this; may be repeated.")
@click.option(
    "--pulses",
    default=5,
    show_default=True,
    type=click.IntRange(2, 10000),
    help="Draw until so many have come; more, where the dial is read coarsely.",
)
@click.option(
    "--timeout",
    "timeout_s",
    default=600.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="Seconds of drawing at most.",
)
@click.option(
    "--quantity",
    type=click.Choice(["volume", "energy"]),
    help="That the dial shows; else the first of these that the point has.",
)
@click.option(
    "--dial-before",
    multiple=True,
    metavar="POINT=READING",
    help="For programs: the dial before drawing.",
)
@click.option("--dial-after", multiple=True, metavar="POINT=READING", help="And after it.")
@click.option(
    "--set-base",
    is_flag=True,
    help="Offer the last dial of a pulse point as its base reading (needs --console).",
)
@click.option("--again", is_flag=True, help="Also what is signed already.")
@click.option("--yes", is_flag=True, help="Do not ask: sign the first verdict, set the base.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a point.")
def command(
    community, units, serial, ledger_path, by, uplink, console, baud, tries, wait_ms, key_file,
    names, pulses, timeout_s, quantity, dial_before, dial_after, set_base, again, yes, as_json,
):  # fmt: skip
    from sibiao.board.console import Commands, PortConsole
    from sibiao.commission.entry import Entries
    from sibiao.commission.run import Asked
    from sibiao.commission.work import Work
    from sibiao.ledger.file import Ledger
    from sibiao.provision.node import identified

    if not uplink and not console:
        raise click.UsageError("--uplink or --console: over one of them the count is read")
    if set_base and not console:
        raise click.UsageError("--set-base enters the dial over --console")
    loaded = unit(community, units, serial)
    points = _points(loaded, names)
    given = _given(loaded, dials_of(dial_before), dials_of(dial_after))
    if console:
        identified(loaded, console)
    with contextlib.ExitStack() as stack:
        commands = line = None
        if console:
            port = stack.enter_context(PortConsole(console))
            commands = Commands(port, console, "commissioning")
        if uplink:
            line = stack.enter_context(opened(uplink, loaded, baud, wait_ms))
        client = line and client_of(line, loaded, tries, key_file)
        asked = Asked(pulses, timeout_s, quantity, set_base, once=yes)
        work = Work(loaded, client, commands, Ledger(ledger_path), by, Entries(given), asked)
        try:
            failed = work.all(points, again, as_json)
        except SibiaoError as error:
            raise (explained(error, line) if line else error) from error
    if failed:
        raise SibiaoError(f"not in order: {', '.join(failed)}")


def _points(loaded, names):
    """(number, point), each that can be compared."""
    known = [point.name for point in loaded.community.points]
    for name in names:
        if name not in known:
            raise SibiaoError(f"{loaded.name!r} has no point {name!r}; there are: "
                              f"{', '.join(known)}")  # fmt: skip
    found = []
    for number, point in enumerate(loaded.community.points, 1):
        if names and point.name not in names:
            continue
        if loaded.meters[point.meter].link == "transparent":
            text = f"{point.name} is only passed through: nothing is collected to compare"
            click.echo(text, err=True)
        else:
            found.append((number, point))
    return found


def _given(loaded, before, after):
    known = {point.name for point in loaded.community.points}
    for name in [*before, *after]:
        if name not in known:
            raise SibiaoError(f"--dial-before, --dial-after: {loaded.name!r} has no point "
                              f"{name!r}; there are: {', '.join(sorted(known))}")  # fmt: skip
    return {name: (before.get(name), after.get(name)) for name in {*before, *after}}
