"""`sibiao ledger`: the record of what was done to which unit: checked, exported, repaired."""

import sys

import click

from sibiao.errors import SibiaoError
from sibiao.ledger.options import by_option, ledger_option


@click.group(
    help="The ledger of units: docs/ledger.md.",
    epilog="Example: sibiao ledger check --ledger site-7.jsonl",
)
def command():
    pass


@command.command("check", epilog="Example: sibiao ledger check --ledger site-7.jsonl --head 41c0…")
@ledger_option
@click.option("--head", help="SHA-256 of a row seen earlier, which must still be in it.")
def check_command(ledger_path, head):
    """Tell every row that was changed, removed or moved; and the SHA-256 of the last one. Write
    that down elsewhere: --head with it shows later whether rows at the end were cut off."""
    from sibiao.ledger.file import Ledger
    from sibiao.ledger.row import Fault

    if not ledger_path.exists():
        raise SibiaoError(f"there is no ledger {ledger_path}; name one by --ledger")
    found = list(Ledger(ledger_path).check())
    faults = [each for each in found if isinstance(each, Fault)]
    rows = [each for each in found if not isinstance(each, Fault)]
    for fault in faults:
        click.echo(f"{ledger_path}:{fault.line} {fault.what}")
    if head and head.lower() not in {row.sha256 for row in rows}:
        faults.append(Fault(0, "cut"))
        click.echo(f"{ledger_path}: no row has the SHA-256 {head}: rows are missing or changed")
    if faults:
        raise SibiaoError(f"{ledger_path} is not as it was written: {len(faults)} faults")
    last = rows[-1].sha256 if rows else "none"
    click.echo(f"{ledger_path}: {len(rows)} rows, all as they were written; the last is {last}")


@command.command("export", epilog="Example: sibiao ledger export > units.csv")
@ledger_option
def export_command(ledger_path):
    """Print it as CSV."""
    from sibiao.ledger.file import Ledger

    Ledger(ledger_path).export(sys.stdout)


@command.command("repair", epilog="Example: sibiao ledger repair --ledger site-7.jsonl --by wang")
@ledger_option
@by_option
def repair_command(ledger_path, by):
    """Take away a last row that a power cut left unfinished, into a file beside the ledger, and
    say so in a row. Nothing else is ever repaired."""
    from sibiao.ledger.file import Ledger

    row = Ledger(ledger_path).repair(by)
    if row is None:
        click.echo(f"{ledger_path}: the last row has its end; nothing to repair")
    else:
        click.echo(f"{row.data['bytes']} bytes are now in {row.data['kept_in']}")
