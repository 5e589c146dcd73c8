"""`sibiao read`: any register over the uplink, as the electricity meter reads it."""

import csv
import json
import sys
import time
from dataclasses import asdict, astuple

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.reader.unit import client_of, explained, line_options, opened, unit, unit_options


@click.command(
    help="Read a converter at PORT (serial, PTY or socket://HOST:PORT). WHAT: points of the "
    "community or `converter`, quantities, data identifiers of 8 digits; nothing is all that "
    "the points hold. docs/reading.md says what the columns are.",
    epilog="Examples: sibiao read /dev/ttyUSB0 --community sample; sibiao read "
    "socket://gateway:8899 --community sample water-301 volume --every 60 --csv > readings.csv",
)
@click.argument("port", type=PORT)
@click.argument("what", nargs=-1)
@unit_options
@line_options
@click.option("--unit", "serials", multiple=True, help="Of --units; may be repeated.")
@click.option(
    "--address",
    "addresses",
    multiple=True,
    help="A converter made alike, 12 digits; may be repeated.",
)
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(min=0),
    help="Read again so many seconds after the last round began, until Ctrl-C.",
)
@click.option("--rounds", type=click.IntRange(min=1), help="With --every: stop after so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a value.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def command(
    port, what, community, units, baud, tries, wait_ms, key_file, serials, addresses, every_s,
    rounds, as_json, as_csv,
):  # fmt: skip
    if as_json and as_csv:
        raise click.UsageError("--json or --csv, not both")
    asked = _converters(community, units, serials, addresses, key_file)
    show = _csv_shower() if as_csv else _as_json if as_json else _as_table
    with opened(port, asked[0][0], baud, wait_ms) as line:
        collectors = _collectors(line, asked, what, tries, key_file)
        try:
            faults = _rounds(collectors, show, every_s, 1 if every_s is None else rounds)
        except KeyboardInterrupt:
            return
        if faults:
            raise explained(faults[0], line)


def _converters(community, units, serials, addresses, key_file):
    """[(its configuration, its address where that says another)]"""
    if serials and addresses:
        raise click.UsageError("--unit or --address, not both")
    for address in addresses:
        if len(address) != 12 or not address.isdecimal():
            raise SibiaoError(f"--address {address!r}: it has 12 digits, as on the device")
    if addresses:
        if key_file:
            raise SibiaoError(
                "a seal needs the serial number of its converter: name it by --units and --unit"
            )
        return [(unit(community, None, None), address) for address in addresses]
    if units and not serials:
        raise click.UsageError("--unit and --units go together")
    return [(unit(community, units, serial), None) for serial in serials or [None]]


def _collectors(line, asked, what, tries, key_file):
    from sibiao.reader.catalog import wanted
    from sibiao.reader.collect import Collector

    return [
        Collector(client_of(line, loaded, tries, key_file), loaded, wanted(loaded, what), address)
        for loaded, address in asked
    ]


def _rounds(collectors, show, every_s, rounds):
    """The faults of the last round."""
    done = 0
    while True:
        begun = time.monotonic()
        readings = [reading for each in collectors for reading in each.round()]
        show(readings)
        done += 1
        if done == rounds:
            return [fault for each in collectors for fault in each.faults]
        time.sleep(max(0, begun + every_s - time.monotonic()))


def _as_json(readings):
    for reading in readings:
        click.echo(json.dumps(asdict(reading), ensure_ascii=False))


def _as_table(readings):
    from rich.console import Console

    from sibiao.reader.shown import tables

    Console().print(tables(readings))


def _csv_shower():
    from sibiao.reader.collect import COLUMNS

    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(COLUMNS)

    def show(readings):
        rows.writerows(map(astuple, readings))
        sys.stdout.flush()

    return show
