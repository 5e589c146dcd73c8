"""`sibiao sim hostile`: a strict and hostile electricity meter on a converter's uplink."""

import json
import sys
from contextlib import contextmanager

import click
from rich.console import Console

from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.sim.hostile import items as hostile_items
from sibiao.sim.hostile.forms import FORMS
from sibiao.sim.hostile.result import Plan
from sibiao.sim.hostile.run import measured
from sibiao.sim.hostile.show import progress, show
from sibiao.sim.port_options import opened, port_options
from sibiao.sim.serve import PortLine, WallClock, serve
from sibiao.sim.uplink.reading_options import reading_options

_ALLOWED = 3  # failures; a plan with more takes hours
_FOREVER_NS = 10**18


@click.command(
    epilog="Exit code 0 only when the plan is done, proves it, and no breach was seen. "
    "Example: sibiao sim hostile --port socket://127.0.0.1:7000 --form plain --reads 100",
)
@port_options()
@click.option("--virtual", is_flag=True, help="On our own firmware, in virtual time: no port.")
@reading_options
@click.option("--longer", is_flag=True, help="Blocks and what follows them, too.")
@click.option("--form", "forms", type=click.Choice(list(FORMS)), multiple=True, help="Only these.")
@click.option(
    "--allowed",
    type=click.IntRange(0, _ALLOWED),
    default=0,
    show_default=True,
    help="Failures that the plan allows: fixes how many reads prove 99.9 %.",
)
@click.option("--reads", type=click.IntRange(1), help="So many reads instead, and prove less.")
@click.option("--tries", type=click.IntRange(1, 10), default=3, show_default=True)
@click.option(
    "--errors",
    type=click.FloatRange(0, 0.1),
    default=1e-4,
    show_default=True,
    help="Bit-error rate in both directions.",
)
@click.option(
    "--growing",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="By how much of its last digit a value may grow between two reads.",
)
@click.option("--baud", type=int, default=None, help="The line's rate; else the community's.")
@click.option(
    "--parity",
    type=click.Choice(["N", "E", "O"]),
    help="Its parity; else the community's. A pseudo-terminal knows none: N.",
)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON line instead of the table.")
def command(
    pty, tcp, port, virtual, community, texts, longer, allowed, reads, tries, as_json, **options
):
    """Be a strict and hostile electricity meter on a converter's uplink.

    It learns on the sound line what the registers hold, then asks in every hostile form and counts
    what comes back. Ctrl-C ends it with what was measured so far.
    """
    loaded = load(community)
    items = [hostile_items.item(text) for text in texts] or hostile_items.of_community(loaded)
    if longer:
        items += hostile_items.longer_of_community(loaded)
    if not items:
        raise SibiaoError(f"community {community!r} has no register that stands still: use --read")
    rate = options["baud"], options["parity"]
    if virtual and (pty or port or tcp is not None or any(rate)):
        raise SibiaoError("--virtual brings its own line: leave out the port and its rate")
    plan = Plan(reads, allowed, tries) if reads else Plan.proving(allowed, tries)
    options["forms"] = options["forms"] or tuple(FORMS)
    line = loaded.uplink.line
    options |= {"baud": rate[0] or line.baud, "parity": rate[1] or line.parity}
    console = Console(stderr=as_json)
    if not any(FORMS[name].answered for name in options["forms"]):
        raise SibiaoError("none of these forms is ever answered: add --form plain")
    place = _in_virtual_time(loaded) if virtual else _on_port(opened(pty, tcp, port), console)
    with place as bench, progress(console, plan.reads) as on_read:
        result = measured(*bench, items, plan, on_read=on_read, **options)
    if as_json:
        click.echo(json.dumps(result.as_json()))
    else:
        show(console, result)
    sys.exit(0 if result.verdict == "proved" else 1)


@contextmanager
def _on_port(end, console):
    """(run_until, clock, line) of a port."""
    clock = WallClock()
    line = PortLine(clock, end)
    console.print(end.name, highlight=False)
    try:
        yield lambda done: serve(clock, end, line, done), clock, line
    finally:
        end.close()


@contextmanager
def _in_virtual_time(loaded):
    """The same of the community's firmware on the MicroPython VM, its pulse contacts open."""
    from sibiao.node.vm.virtual.board import posed

    with posed(loaded) as node:
        for pin in loaded.board.pulse_inputs.values():
            node.set_pin(pin.gpio, int(pin.active == "low"))
        line = node.line(loaded.board.uarts["uplink"].uart)
        yield lambda done: node.run_until(done, _FOREVER_NS), node.clock, line
