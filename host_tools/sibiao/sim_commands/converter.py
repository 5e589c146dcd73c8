"""`sibiao sim converter`: a whole converter of a community, its lines at ports of this machine."""

import json
import signal
import sys
import time

import click

from sibiao.complete import COMMUNITY
from sibiao.sim.port_options import port_options


@click.command(
    epilog="Examples: sibiao sim converter sample --meters --taps; sibiao sim converter sample "
    "--pico --tcp 7000. Then, elsewhere: sibiao read socket://127.0.0.1:7000 --community sample"
)
@click.argument("community", type=COMMUNITY)
@port_options("", "the electricity meter's side")
@click.option("--pico", is_flag=True, help="On the emulated Pico instead of the MicroPython VM.")
@click.option("--meters", is_flag=True, help="With simulated meters at its buses and contacts.")
@click.option("--taps", is_flag=True, help="With a port to listen at for each line: `monitor`.")
@click.option(
    "--strict-baud",
    is_flag=True,
    help="On pseudo-terminals: the line has the rate that its user has set.",
)
@click.option("--seconds", type=click.FloatRange(min=0), help="How long; else until Ctrl-C.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print where the ports are as one JSON line."
)
def command(community, pty, tcp, port, pico, meters, taps, strict_baud, seconds, as_json):
    """Run the firmware of COMMUNITY as a whole converter, for other programs to work with.

    Its uplink, its console and, unless it has simulated meters, each of its buses have a port of
    their own; where they are is printed first. With --tcp they lie behind each other, the uplink
    at the number given, then the console; with --port the uplink is there, the others are
    pseudo-terminals.
    """
    from sibiao.config.load import load
    from sibiao.demo.nodes import open_pico, open_posed
    from sibiao.errors import SibiaoError
    from sibiao.sim.converter import Converter
    from sibiao.sim.port_options import Row

    loaded = load(community)
    if pico and loaded.board.mcu != "rp2040":
        raise SibiaoError(
            f"the emulated Pico has an rp2040, the board of {community!r} an {loaded.board.mcu}: "
            "leave --pico out"
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    row = Row(pty, tcp, port)
    uplink, console = row.first(), row.console()  # what is wrong with them is told at once
    node = (open_pico if pico else open_posed)(loaded, lambda text: click.echo(text, err=True))[0]
    converter = None
    try:
        converter = Converter(
            node,
            loaded,
            uplink,
            console,
            row.another,
            meters=meters,
            taps=taps,
            strict_baud=strict_baud,
        )
        _tell(converter.places, as_json)
        end_s = None if seconds is None else time.monotonic() + seconds
        converter.serve(lambda: end_s is not None and time.monotonic() >= end_s)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        if converter:
            converter.close()
        node.close()


def _tell(places, as_json):
    if as_json:
        click.echo(json.dumps(places))
        return
    for name, place in places.items():
        click.echo(f"{name:12} {place}")
