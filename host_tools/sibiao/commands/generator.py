"""`sibiao generator`: a second Pico that plays pulse trains at a module's inputs."""

import json

import click

from sibiao.errors import SibiaoError

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")


@click.group(
    help="The pulse generator of a hardware bench: docs/bench-hardware.md.",
    epilog="Example: sibiao generator install /dev/ttyACM1",
)
def command():
    pass


@command.command("install", epilog="Example: sibiao generator install /dev/ttyACM1")
@click.argument("port")
@_JSON
def install_command(port, as_json):
    """Make the Pico at PORT a generator. A converter is refused."""
    from rich.console import Console

    from sibiao.lab.generator.board import install, started

    # Progress is for people; what programs read comes alone.
    with Console(stderr=True).status("") as status:
        copied = install(port, lambda what, *_: status.update(what))
        status.update("waiting for the generator")
        unit = started(port)
    if as_json:
        click.echo(json.dumps({"port": port, "unit": unit, "copied": copied}))
    else:
        click.echo(f"generator {unit} at {port}: {len(copied)} files copied, it answers")


@command.command("wiring", epilog="Example: sibiao generator wiring four-water")
@click.argument("community")
@_JSON
def wiring_command(community, as_json):
    """Which pin of the generator goes to which of the module, for a COMMUNITY."""
    from rich.console import Console
    from rich.table import Table

    from sibiao.config.load import load
    from sibiao.lab.stands.generator_wiring import connections

    rows = connections(load(community))
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows]))
        return
    table = Table("generator", "module", "what it is")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@command.command("state", epilog="Example: sibiao generator state /dev/ttyACM1")
@click.argument("port")
@_JSON
def state_command(port, as_json):
    """What the wires, the inputs and the relay are at. It opens every contact."""
    from sibiao.lab.generator.port import Generator

    with Generator(port) as generator:
        state = generator.facts | generator.state()
    if as_json:
        click.echo(json.dumps(state))
        return
    for name, value in state.items():
        shown = " ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{name:10} {shown}")


@command.command(
    "play", epilog="Example: sibiao generator play /dev/ttyACM1 --fault bounce_closing --seed 7"
)
@click.argument("port")
@click.option("--fault", default="clean", show_default=True, help="A story: docs/pulse-faults.md.")
@click.option(
    "--wiring",
    type=click.Choice(["single", "quadrature", "sequence"]),
    default="single",
    show_default=True,
    help="Contact A is channel 0, B is channel 1.",
)
@click.option("--pulses", default=40, show_default=True, type=click.IntRange(1))
@click.option("--rate", "rate_hz", default=4.0, show_default=True, type=click.FloatRange(0.01))
@click.option("--seed", default=1, show_default=True)
@_JSON
def play_command(port, fault, wiring, pulses, rate_hz, seed, as_json):
    """Play a story at the module's inputs, and tell by how much its dial went."""
    from sibiao.lab.generator.port import Generator
    from sibiao.lab.generator.trains import words
    from sibiao.sim.pulse.faults import story
    from sibiao.sim.pulse.wiring import Wiring

    try:
        told = story(fault, Wiring(wiring), pulses=pulses, rate_hz=rate_hz, seed=seed)
    except ValueError as error:
        raise SibiaoError(str(error)) from error
    channels = {channel: told.wires[name] for channel, name in enumerate(told.wiring.contacts)}
    train = words(channels, told.end_ns)
    with Generator(port) as generator, generator.play(train):
        pass
    result = {
        "dial": told.dial,
        "closings": list(train.closings),
        "seconds": train.span_us / 1e6,
        "late_us": round(train.late_us, 3),
    }
    if as_json:
        click.echo(json.dumps(result))
    else:
        click.echo(
            f"the dial went {told.dial} pulses in {result['seconds']:.1f} s; the contacts closed "
            f"{', '.join(map(str, train.closings[: len(channels)]))} times, as asked for"
        )
