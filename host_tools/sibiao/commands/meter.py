"""`sibiao meter`: simulated meters for tests and laboratories."""

import click

from sibiao.config import load
from sibiao.errors import SibiaoError
from sibiao.sim.bus.faults import FAULTS
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import OPTIONS, meter_of
from sibiao.sim.port_options import opened, port_options
from sibiao.sim.serve import PortLine, PtyPort, WallClock, serve


@click.group(
    help="Simulated meters that answer on a bus like those of their profiles.",
    epilog="Example: sibiao meter serve water-cjt188-901f --tcp 7000",
)
def command():
    pass


@command.command(
    "serve",
    epilog='Examples: sibiao meter serve "water-cjt188-901f,volume=12.5 m3,fault=noise" '
    "--tcp 7000; sibiao sim meters heat-cjt188-1f90 --port /dev/ttyUSB0",
)
@click.argument("meters", metavar="PROFILE[@ADDRESS][,NAME=VALUE]...", nargs=-1, required=True)
@port_options()
@click.option("--fault", "faults", multiple=True, help="A fault of every meter; may be repeated.")
@click.option("--seed", default=1, show_default=True, help="Of what faults do by chance.")
@click.option("--strict-baud", is_flag=True, help="With --pty: be deaf to a master's wrong rate.")
@click.option("--show", is_flag=True, help="Print what the meters send.")
def serve_command(meters, pty, tcp, port, faults, seed, strict_baud, show):
    """Serve meters on one bus until Ctrl-C.

    The port's name is printed first. PROFILE is a meter profile, or a .hex file of a published
    M-Bus telegram. ADDRESS: 14 digits (CJ/T 188); a primary address, 8 digits of identification,
    or both as 5/12345678 (M-Bus). NAME=VALUE: a quantity such as volume="12.5 m3", or an option
    that `sibiao meter names` tells.
    """
    made = [meter_of(text, faults, seed, place) for place, text in enumerate(meters)]
    end = opened(pty, tcp, port)
    if strict_baud and not isinstance(end, PtyPort):
        raise SibiaoError("--strict-baud needs --pty: no other port tells the master's rate")
    clock = WallClock()
    line = PortLine(clock, end)
    Bus(
        clock,
        line,
        made,
        baud_told=end.baud if strict_baud else None,
        any_rate=not strict_baud and port is None,
        on_send=_shown if show else None,
    )
    try:
        click.echo(end.name)
        serve(clock, end, line, lambda: False)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        end.close()


@command.command("names", epilog="Example: sibiao meter names")
def names_command():
    """What can be served, and every fault and option there is."""
    click.echo("Profiles with a bus:")
    for name in load.names("meters"):
        profile = load.read("meters", name)
        if profile.link in ("cjt188", "mbus"):
            click.echo(f"  {name:30} {profile.title}")
    click.echo("Faults (NAME[=AMOUNT][@SHARE]):")
    for name, (make, _) in FAULTS.items():
        click.echo(f"  {name:30} {make.__doc__}")
    click.echo("Options (NAME=VALUE):")
    for name, what in OPTIONS.items():
        click.echo(f"  {name:30} {what}")


def _shown(data: bytes) -> None:
    click.echo(data.hex(" ").upper())
