"""`sibiao demo`: one converter at work between three simulated meters."""

import sys
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from sibiao.complete import COMMUNITY
from sibiao.config.load import load
from sibiao.demo.fault_plan import playable
from sibiao.demo.nodes import open_best, open_pico, open_vm
from sibiao.demo.show import show

_OPENERS = {"best": open_best, "pico": open_pico, "vm": open_vm}


@click.command(
    epilog="Example: sibiao demo --seconds 15 --json",
    help="Run the real firmware of COMMUNITY (sample) between a water meter, a heat meter and an "
    "electricity meter that reads both, and judge every value collected.",
)
@click.argument("community", type=COMMUNITY, default="sample")
@click.option(
    "--seconds",
    type=click.FloatRange(min=10),
    default=30,
    show_default=True,
    help="How long, in the node's own time.",
)
@click.option(
    "--node",
    type=click.Choice(list(_OPENERS)),
    default="best",
    show_default=True,
    help="Where the firmware runs; best is the emulated Pico, else the VM.",
)
@click.option("--json", "as_json", is_flag=True, help="End with one JSON line for programs.")
@click.option("--save", type=click.Path(path_type=Path), help="Keep the last picture as SVG.")
@click.option("--fault", metavar="NAME", help="Let the water meter live through this fault.")
@click.option("--list-faults", is_flag=True, help="Show what --fault takes, and run nothing.")
def command(community, seconds, node, as_json, save, fault, list_faults):
    loaded = load(community)
    if list_faults:
        Console().print(_faults(loaded))
        return
    verdict = show(loaded, _OPENERS[node], seconds, as_json, save, fault)
    sys.exit(0 if verdict.passed else 1)


def _faults(loaded) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("fault", no_wrap=True)
    table.add_column("register", no_wrap=True)
    table.add_column("from s", justify="right", no_wrap=True)
    table.add_column("what happens")
    for fault in playable(loaded):
        table.add_row(fault.name, fault.register, str(fault.least_s), fault.happens)
    return table
