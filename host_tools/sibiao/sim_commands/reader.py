"""`sibiao sim reader`: an electricity meter that reads a converter again and again."""

import json

import click

from sibiao.sim.port_options import opened, port_options
from sibiao.sim.uplink.reading_options import reading_options
from sibiao.sim.wire import NS_PER_MS

# Adapters and gateways hold bytes back: what is seen of a port is no measure of the 20 to 500 ms
# of the standard (5.3.3).
_TD_LIMITS_NS = 0, 700 * NS_PER_MS


@click.command(
    epilog="Example: sibiao sim reader --port socket://127.0.0.1:7000 --community sample"
)
@port_options("", "the converter's uplink")
@reading_options
@click.option(
    "--pause",
    "pause_ms",
    type=click.IntRange(0),
    default=50,
    show_default=True,
    help="ms between two exchanges.",
)
@click.option(
    "--repeats",
    type=click.IntRange(0, 9),
    default=3,
    show_default=True,
    help="How often a failed one is asked again.",
)
@click.option("--seconds", type=click.FloatRange(min=0), help="How long; else until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line an exchange.")
def command(pty, tcp, port, community, texts, pause_ms, repeats, seconds, as_json):
    """Be a plain electricity meter: read a list of registers in turn until Ctrl-C.

    Each exchange is a line; the last ones say how many succeeded.
    """
    from sibiao.config.load import load
    from sibiao.errors import SibiaoError
    from sibiao.sim.hostile import items as hostile_items
    from sibiao.sim.serve import PortLine, WallClock, serve
    from sibiao.sim.uplink.electricity_meter import ElectricityMeter
    from sibiao.sim.wire import NS_PER_S

    loaded = load(community)
    items = [hostile_items.item(text) for text in texts] or hostile_items.of_community(loaded)
    if not items:
        raise SibiaoError(f"community {community!r} has no register to read: use --read")
    end = opened(pty, tcp, port)
    clock = WallClock()
    line = PortLine(clock, end)
    meter = ElectricityMeter(
        clock,
        line,
        items,
        baud=loaded.uplink.line.baud,
        parity=loaded.uplink.line.parity,
        repeats=repeats,
        pause_ns=pause_ms * NS_PER_MS,
        td_limits_ns=_TD_LIMITS_NS,
        on_exchange=_as_json if as_json else _as_line,
    )
    end_ns = None if seconds is None else clock.now_ns + round(seconds * NS_PER_S)
    click.echo(end.name, err=as_json)
    try:
        meter.start()
        serve(clock, end, line, lambda: end_ns is not None and clock.now_ns >= end_ns)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        end.close()
    for name, held in meter.collected.items():
        faults = ", ".join(f"{n} {fault}" for fault, n in held.faults.items())
        click.echo(f"{name}: {held.ok} of {held.tried}{faults and f' ({faults})'}", err=as_json)


def _row(exchange):
    return {
        "name": exchange.item.name,
        "address": exchange.item.address,
        "di": exchange.item.di.upper(),
        "attempt": exchange.attempt,
        "answer_ms": None if exchange.td_ns is None else round(exchange.td_ns / 1e6),
        "value": None if exchange.value is None else str(exchange.value),
        "error": exchange.fault,
    }


def _as_json(exchange):
    click.echo(json.dumps(_row(exchange)))


def _as_line(exchange):
    row = _row(exchange)
    after = "" if row["answer_ms"] is None else f" after {row['answer_ms']} ms"
    click.echo(f"{row['address']} {row['di']} {row['value'] or row['error']}{after}")
