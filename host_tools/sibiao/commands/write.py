"""`sibiao write`: what the uplink lets be written, asked before and read back after."""

from datetime import datetime

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.reader.password import by
from sibiao.reader.unit import client_of, explained, line_options, opened, unit, unit_options
from sibiao.reader.written import REASONS, plan


@click.command(
    help="Write WHAT to the converter at PORT: date, time, date_time (VALUE: now), address, "
    "settlement (DDhh), dial (m3), alarms (clear), as far as the community's uplink lets it be "
    "written; or a service of its own: broadcast_time, freeze (now, or by a pattern such as "
    "99990030), clear_events, password, baud, write_address, valve (open, close). Shows what "
    "holds, asks, writes, and reads back. The password is asked for, or taken from "
    "SIBIAO_PASSWORD.",
    epilog="Examples: sibiao write /dev/ttyUSB0 --community sample date_time now; sibiao write "
    "/dev/ttyUSB0 --community sample --point water-301 dial 1234.56 --reason corrected",
)
@click.argument("port", type=PORT)
@click.argument("what")
@click.argument("value", required=False)
@unit_options
@line_options
@click.option("--unit", "serial", help="Of --units.")
@click.option("--point", help="Name of the point; without it the converter itself.")
@click.option(
    "--reason",
    type=click.Choice(list(REASONS)),
    default="corrected",
    show_default=True,
    help="Of a dial.",
)
@click.option("--operator", default="00000000", show_default=True, help="Operator code, 8 digits.")
@click.option("--level", type=click.Choice(["02", "04"]), help="Of the password.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    port, what, value, community, units, baud, tries, wait_ms, key_file, serial, point, reason,
    operator, level, yes,
):  # fmt: skip
    from sibiao.reader.catalog import CONVERTER, stations
    from sibiao.reader.services import SERVICES, ordered

    loaded = unit(community, units, serial)
    named = {each.name: each for each in stations(loaded)}
    station = named.get(point or CONVERTER)
    if station is None:
        raise SibiaoError(f"{loaded.name!r} has no point {point!r}; there are: {', '.join(named)}")
    if len(operator) != 8 or not operator.isdecimal():
        raise SibiaoError(f"--operator {operator!r}: it has 8 digits")
    planned = order = None
    if what in SERVICES:
        order = ordered(loaded, station, what, value)
    elif value is None:
        raise click.UsageError(f"{what} needs a VALUE")
    else:
        planned = plan(loaded, station, what, value, reason, datetime.now())
    with opened(port, loaded, baud, wait_ms) as line:
        client = client_of(line, loaded, tries, key_file, writes=True)
        ask = _Asked(level, operator, yes)
        try:
            if order:
                ask.confirmed(f"{order.said}. Do it?")
                click.echo(order.run(client, line, ask))
            else:
                _write(client, ask, loaded, station, planned, value, reason)
        except SibiaoError as error:
            raise explained(error, line) from error


class _Asked:
    """What the person is asked."""

    def __init__(self, level, operator, yes):
        self._level = level
        self.operator = operator
        self._yes = yes

    def confirmed(self, question):
        if not self._yes:
            click.confirm(question, abort=True, err=True)

    def level(self, usual):
        return int(self._level or usual)

    def by(self, usual):
        return by(self.level(usual))


def _write(client, ask, loaded, station, planned, value, reason):
    before = _read(client, loaded, station, planned, planned.address)
    ask.confirmed(
        f"{planned.what} of {station.name} ({planned.address}) is {before}. Write {planned.said}?"
    )
    by = ask.by(planned.level)
    if value == "now":  # it has become later while we asked
        planned = plan(loaded, station, planned.what, value, reason, datetime.now())
    client.write(planned.address, planned.di, planned.value, by, ask.operator)
    after = _read(client, loaded, station, planned, planned.read_address)
    if after == "unknown" or not planned.holds(after):
        raise SibiaoError(
            f"{planned.address} has acknowledged {planned.what} {planned.said}, and reads back "
            f"{after}"
        )
    click.echo(f"{planned.what} of {station.name}: {before} before, {after} now")


def _read(client, loaded, station, planned, address):
    from sibiao.reader.exchange import ErrorWord
    from sibiao.reader.values import decode

    try:
        data = client.read(address, planned.read_di)
    except ErrorWord:
        return "unknown"
    text = decode(loaded.uplink, station, planned.read_di, data)[0].text
    return "unknown" if text is None else text
