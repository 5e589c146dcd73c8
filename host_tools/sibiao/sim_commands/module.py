"""`sibiao sim module`: a PLC or RF module between a converter and the electricity meter's side."""

import dataclasses
import json
import sys

import click

from sibiao.sim.port_options import opened, port_options
from sibiao.sim.serve import PortLine, WallClock, serve_all
from sibiao.sim.uplink.module import Module
from sibiao.sim.uplink.module_kinds import KINDS


@click.command(
    epilog="Example: sibiao sim module --port socket://127.0.0.1:7000 --meter-tcp 7001 --kind rf"
)
@port_options("", "the converter")
@port_options("meter", "the electricity meter's side")
@click.option("--kind", type=click.Choice(list(KINDS)), default="plc", show_default=True)
@click.option("--meter-baud", default=2400, show_default=True, help="Rate of the meter's side.")
@click.option("--seconds", type=click.FloatRange(min=0), help="How long; else until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON line of the counts.")
def command(pty, tcp, port, meter_pty, meter_tcp, meter_port, kind, meter_baud, seconds, as_json):
    """Be a PLC or RF module between a converter and the electricity meter's side.

    It binds as real ones do at their start, then forwards what is for its one address. Exit code 0
    when it is bound at the end.
    """
    near, far = opened(pty, tcp, port), opened(meter_pty, meter_tcp, meter_port, "meter")
    clock = WallClock()
    ends = [(near, PortLine(clock, near)), (far, PortLine(clock, far))]
    module = Module(
        clock,
        ends[0][1],
        ends[1][1],
        KINDS[kind],
        meter_baud=meter_baud,
        say=lambda text: click.echo(text, err=as_json),
    )
    click.echo(f"converter {near.name}", err=as_json)
    click.echo(f"meter     {far.name}", err=as_json)
    end_ns = None if seconds is None else clock.now_ns + round(seconds * 1e9)
    try:
        module.start()
        serve_all(clock, ends, lambda: end_ns is not None and clock.now_ns >= end_ns)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        near.close()
        far.close()
    counts = dataclasses.asdict(module.counts)
    counts["reports"] = [word.hex().upper() for word in module.counts.reports]
    said = {"kind": kind, "address": module.address, "baud": module.baud, **counts}
    if as_json:
        click.echo(json.dumps(said))
    else:
        click.echo(", ".join(f"{name} {value}" for name, value in said.items()))
    sys.exit(0 if module.address else 1)
