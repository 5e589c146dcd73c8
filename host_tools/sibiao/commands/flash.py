"""`sibiao flash`: a community onto a board, or its units onto many at once."""

import json
from pathlib import Path

import click

from sibiao.complete import COMMUNITY, PORT
from sibiao.errors import SibiaoError
from sibiao.ledger.options import by_option, ledger_option


@click.command(
    help="Put a COMMUNITY (a name in board_configs, or a file) on the board at each PORT, all at "
    "once. Which unit a board is, the ledger says, or it gets the next row of --units that no "
    "board has. Repeating goes on where it ended. The exit code is 0 when every board passed.",
    epilog="Examples: sibiao flash sample --port /dev/ttyACM0; sibiao flash sample --all --units "
    "units.csv --keys keys --json",
)
@click.argument("community", type=COMMUNITY)
@click.option(
    "--port", "ports", type=PORT, multiple=True, help="Of a MicroPython console; may be repeated."
)
@click.option("--all", "is_all", is_flag=True, help="Every attached board with this chip.")
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
@click.option(
    "--image",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="MicroPython for boards that have none, or one that is too old.",
)
@click.option(
    "--keys",
    type=click.Path(path_type=Path),
    help="Folder with the units' keys, SERIAL.key each; a key that is not there is made.",
)
@click.option(
    "--uplink",
    "uplink_texts",
    multiple=True,
    metavar="PORT=UPLINK",
    help="Where the uplink of the board at PORT is: its addresses are read there, too.",
)
@ledger_option
@by_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a board.")
def command(
    community, ports, is_all, units, serial, replaces, in_service, image, keys, uplink_texts,
    ledger_path, by, as_json,
):  # fmt: skip
    from sibiao.config.load import load
    from sibiao.ledger.file import Ledger
    from sibiao.tray import key
    from sibiao.tray.builds import Builds
    from sibiao.tray.job import Wanted
    from sibiao.tray.ports import uplinks, ways
    from sibiao.tray.run import Tray
    from sibiao.tray.show import shown

    if is_all == bool(ports):
        raise click.UsageError("--port for each board, or --all")
    loaded = load(community)
    ports = _attached(loaded, image) if is_all else list(dict.fromkeys(ports))
    if keys:
        key.check(keys, loaded.uplink.sealed, loaded.name)
    ledger = Ledger(ledger_path)
    ledger.ready()
    given = _units(loaded, len(ports), units, serial, replaces, ledger, by)
    wanted = Wanted(
        loaded, given, Builds(), ledger, by, in_service, image, keys, uplinks(uplink_texts, ports)
    )
    with shown(ports) as show:
        results = _results(Tray(wanted, ways(ports)), show, as_json)
    _end(community, [results[port] for port in ports], as_json)


def _attached(loaded, image):
    from sibiao.board.found import boards
    from sibiao.board.image import waiting

    found = [*boards(loaded.chip), *(waiting(loaded) if image else ())]
    if not found:
        raise SibiaoError(
            f"no board with {loaded.chip.title} is attached (USB id "
            f"{' or '.join(loaded.chip.usb)}): check cables and hubs; `sibiao ports` lists what "
            "is there"
        )
    return found


def _units(loaded, boards, units, serial, replaces, ledger, by):
    from sibiao.config.units.table import read_units, unit_named
    from sibiao.tray.units import Units

    if serial and not units:
        raise click.UsageError("--unit and --units go together")
    if replaces and units and not serial:
        raise click.UsageError("--replace is for one unit: say which by --unit")
    if boards > 1 and (serial or not units):
        raise SibiaoError(
            f"{boards} boards cannot all be unit {serial or loaded.community.serial}: give "
            "--units with a row for each"
        )
    rows = None
    if units:
        path = Path(units)
        rows = [unit_named(loaded, path, serial)] if serial else read_units(loaded, path)
    return Units(loaded, rows, ledger, by, replaces)


def _results(tray, show, as_json):
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
