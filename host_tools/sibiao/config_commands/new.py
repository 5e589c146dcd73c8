"""`sibiao config new`: a community from a board, an uplink and meters."""

import click

METER = "PROFILE[*COUNT]"


@click.command(
    help="Write a new community NAME: wired, with addresses proposed, commented, and checked. "
    "What no option says is asked.",
    epilog="Example: sibiao config new block-7 --board pico --uplink virtual-meter --meter "
    "water-reed-10l*2 --meter heat-cjt188-1f90",
)
@click.argument("name")
@click.option("--board", help="One of board_configs/boards.")
@click.option("--uplink", help="One of board_configs/uplinks.")
@click.option("--meter", "meters", metavar=METER, multiple=True, help="May be repeated.")
@click.option("--title", help="What the community is, in a few words.")
@click.option("--serial", help="Of the converter: 4 to 16 capital letters and digits.")
@click.option("--address", help="Of the converter: 12 digits. Its points have those that follow.")
def command(name, board, uplink, meters, title, serial, address):
    from sibiao.config.load import directory
    from sibiao.config.new import Wish, community
    from sibiao.errors import SibiaoError

    base = directory()
    path = base / "communities" / f"{name}.toml"
    if path.exists():
        raise SibiaoError(f"{path} is there already; choose another name, or change that file")
    wish = Wish(
        name=name,
        board=board or _asked("Board", "boards"),
        uplink=uplink or _asked("Uplink", "uplinks"),
        meters=[each for text in meters or _asked_meters() for each in _times(text)],
        title=title or click.prompt("Title", default=f"Community {name}"),
        serial=serial or click.prompt("Serial number", default="SB26000001"),
        address=address or click.prompt("Address of the converter", default="000000000001"),
    )
    text = community(wish, base)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    points = f"{len(wish.meters)} point{'s' * (len(wish.meters) > 1)}"
    click.echo(f"{path}: {points}, checked. Next: fill in what is proposed.")


def _asked(what: str, kind: str) -> str:
    from sibiao.config.load import names

    return click.prompt(what, type=click.Choice(names(kind)))


def _asked_meters() -> list[str]:
    from sibiao.config.load import names

    click.echo(f"Meters: {', '.join(names('meters'))}")
    text = click.prompt(f"Which, as {METER}, with commas between")
    return [each.strip() for each in text.split(",") if each.strip()]


def _times(text: str) -> list[str]:
    profile, star, count = text.partition("*")
    if star and not (count.isdecimal() and 0 < int(count) <= 99):
        raise click.UsageError(f"{text!r} is no meter: {METER}, with 1 to 99 of them")
    return [profile.strip()] * (int(count) if star else 1)
