"""`sibiao monitor`: what passes on a line, decoded as it comes."""

import contextlib
import json
import signal
import time
from pathlib import Path

import click

from sibiao.complete import COMMUNITY, PORT, PROFILE
from sibiao.errors import SibiaoError

_LINKS = ("dlt645", "cjt188", "mbus")


@click.command(
    help="Show the frames that pass on a line, decoded. PORT (serial, PTY, socket://HOST:PORT) is "
    "wired to the line and never sends; with a second one the first hears the requests, the "
    "second the answers. --node listens at a converter's own lines over its USB port.",
    epilog="Examples: sibiao monitor /dev/ttyUSB0 --community sample --record line.jsonl; "
    "sibiao monitor --node /dev/ttyACM0 --errors; sibiao monitor --replay line.jsonl",
)
@click.argument("ports", type=PORT, metavar="[PORT [PORT]]", nargs=-1)
@click.option("--node", type=PORT, help="A converter's USB port: it tells what passes.")
@click.option(
    "--replay", type=click.Path(path_type=Path, dir_okay=False), help="Show a recording instead."
)
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all that passes to this new file, JSON Lines.",
)
@click.option(
    "--community",
    type=COMMUNITY,
    help="Read by its uplink's and its meters' profiles, at its rate.",
)
@click.option(
    "--profile",
    "profiles",
    type=PROFILE,
    multiple=True,
    help="Read by this uplink's or meter's profile; may be repeated.",
)
@click.option("--baud", type=click.IntRange(min=1), help="Else the community's uplink's, or 2400.")
@click.option("--parity", type=click.Choice(["N", "E", "O"]), help="Else the same's, or E.")
@click.option(
    "--link",
    "links",
    type=click.Choice(_LINKS),
    multiple=True,
    help="Look for frames of this link only; may be repeated.",
)
@click.option("--address", "addresses", multiple=True, help="Show this one; may be repeated.")
@click.option(
    "--di", "dis", multiple=True, help="Show identifiers that begin so; may be repeated."
)
@click.option("--direction", type=click.Choice(["request", "answer"]), help="Show this one.")
@click.option(
    "--errors",
    "faults_only",
    is_flag=True,
    help="Show what is damaged, refused, repeated, unasked or unanswered.",
)
@click.option("--hex", "with_bytes", is_flag=True, help="Show the bytes, too.")
@click.option("--seconds", type=click.FloatRange(min=0), help="How long; else until Ctrl-C.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON line for each row, and the statistics as the last.",
)
def command(
    ports, node, replay, record, community, profiles, baud, parity, links, addresses, dis,
    direction, faults_only, with_bytes, seconds, as_json,
):  # fmt: skip
    from sibiao.monitor.read_by import profiles_of
    from sibiao.monitor.session import Session
    from sibiao.monitor.wanted import Wanted

    if sum((bool(ports), bool(node), bool(replay))) != 1 or len(ports) > 2:
        raise SibiaoError(
            "what is to be shown? One PORT on the line, two of them for its two directions, "
            "--node PORT of a converter, or --replay FILE"
        )
    loaded, by = profiles_of(community, profiles)
    wanted = Wanted(addresses, links, dis, direction, faults_only)
    links = links or _LINKS
    with _shown(as_json, with_bytes) as shown:
        session = Session(by, wanted, shown.tell)
        shown.begin(session.statistics)
        if replay:
            _replay(session, replay)
            return
        line = loaded.uplink.line if loaded else None
        baud, parity = (
            baud or (line.baud if line else 2400),
            parity or (line.parity if line else "E"),
        )
        with contextlib.ExitStack() as stack:
            recorded = stack.enter_context(_recorder(record)) if record else lambda piece: None
            _listen(
                session, lambda: _taps(ports, node, baud, parity), links, recorded, seconds, shown
            )


def _taps(ports, node, baud, parity):
    from sibiao.monitor.node_tap import NodeTap
    from sibiao.monitor.piece import ANSWER, REQUEST
    from sibiao.monitor.taps import PortTap

    if node:
        return [NodeTap(node)]
    directions = (REQUEST, ANSWER) if len(ports) == 2 else (None,)
    pairs = zip(ports, directions, strict=True)
    return [PortTap(port, baud, parity, direction) for port, direction in pairs]


def _listen(session, make, links, recorded, seconds, shown):
    from sibiao.monitor.taps import listening

    def take(pieces):
        for piece in pieces:
            recorded(piece)
            session.take(piece)

    # Whoever ends it otherwise gets the statistics, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_s = None if seconds is None else time.monotonic() + seconds
    with listening(make, links) as here:
        try:
            while end_s is None or time.monotonic() < end_s:
                take(here.pieces())
                shown.refresh(here.clock.now_ms())
        except KeyboardInterrupt:
            pass
        finally:
            take(here.stop())


def _replay(session, path):
    from sibiao.monitor.piece import read_pieces

    with contextlib.suppress(KeyboardInterrupt):
        for piece in read_pieces(path):
            session.take(piece)


@contextlib.contextmanager
def _recorder(path):
    try:
        with path.open("x", encoding="utf-8") as file:

            def record(piece):
                file.write(json.dumps(piece.as_json()) + "\n")
                file.flush()

            yield record
    except FileExistsError as error:
        raise SibiaoError(f"--record {path}: it exists already; choose another file") from error
    except OSError as error:
        raise SibiaoError(f"--record {path}: it cannot be written: {error.strerror}") from error


def _shown(as_json, with_bytes):
    from sibiao.monitor.show import JsonShow, LiveShow

    return JsonShow() if as_json else LiveShow(with_bytes)
