"""`sibiao flash`: a community onto a board, or its units onto many at once."""

from pathlib import Path

import click

from sibiao.errors import SibiaoError
from sibiao.ledger.options import by_option, ledger_option


@click.command(
    help="Put a COMMUNITY (a name in board_configs, or a file) on the board at each PORT, all at "
    "once. Which unit a board is, the ledger says, or it gets the next row of --units that no "
    "board has. Repeating goes on where it ended. The exit code is 0 when every board passed.",
    epilog="Examples: sibiao flash sample --port /dev/ttyACM0; sibiao flash sample --port "
    "/dev/ttyACM0 --port /dev/ttyACM1 --units units.csv --json",
)
@click.argument("community")
@click.option(
    "--port",
    "ports",
    multiple=True,
    required=True,
    help="Serial port of a MicroPython console; may be repeated.",
)
@click.option("--units", metavar="FILE", help="CSV of units: sibiao config units COMMUNITY.")
@click.option("--unit", "serial", metavar="SERIAL", help="Which of --units; for one board.")
@click.option(
    "--replace", "replaces", is_flag=True, help="The board that was this unit is out of use."
)
@click.option(
    "--in-service",
    is_flag=True,
    help="The board has counted before: if its records are gone, it stays silent until restored.",
)
@ledger_option
@by_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a board.")
def command(community, ports, units, serial, replaces, in_service, ledger_path, by, as_json):
    from sibiao.tray.ports import ways
    from sibiao.tray.run import Tray
    from sibiao.tray.show import shown

    ports = list(dict.fromkeys(ports))
    wanted = _wanted(community, ports, units, serial, replaces, in_service, ledger_path, by)
    with shown(ports) as show:
        results = _results(Tray(wanted, ways(ports)), show, as_json)
    _end(community, [results[port] for port in ports], as_json)


def _wanted(community, ports, units, serial, replaces, in_service, ledger_path, by):
    from sibiao.config.load import load
    from sibiao.config.units_csv import read_units, unit_named
    from sibiao.ledger.file import Ledger
    from sibiao.tray.builds import Builds
    from sibiao.tray.units import Units
    from sibiao.tray.work import Wanted

    if serial is not None and units is None:
        raise click.UsageError("--unit and --units go together")
    if replaces and units and not serial:
        raise click.UsageError("--replace is for one unit: say which by --unit")
    loaded = load(community)
    rows = read_units(loaded, Path(units)) if units else None
    if serial:
        rows = [unit_named(loaded, Path(units), serial)]
    if len(ports) > 1 and (serial or not units):
        raise SibiaoError(
            f"{len(ports)} boards cannot all be unit {serial or loaded.community.serial}: give "
            "--units with a row for each"
        )
    ledger = Ledger(ledger_path)
    ledger.ready()
    given = Units(loaded, rows, ledger, by, replaces)
    return Wanted(loaded, given, Builds(), ledger, by, in_service)


def _results(tray, show, as_json):
    import json

    from sibiao.tray.result import Result
    from sibiao.tray.run import ended_by_ctrl_c

    results = {}
    with ended_by_ctrl_c(tray, show.note):
        while tray.is_at_work:
            for told in tray.told(wait_s=0.2):
                if not isinstance(told, Result):
                    show.told(told)
                    continue
                results[told.port] = told
                show.ended(told)
                if as_json:
                    click.echo(json.dumps(told.as_dict()))
    return results


def _end(community, results, as_json):
    from rich.console import Console

    from sibiao.tray.show import card, table

    failed = [each for each in results if not each.has_passed]
    if len(results) == 1:
        if failed:
            raise SibiaoError(failed[0].error)
        if not as_json:
            Console().print(card(community, results[0]))
        return
    if not as_json:
        Console().print(table(results))
    if failed:
        raise SibiaoError(f"{len(failed)} of {len(results)} boards did not pass")
