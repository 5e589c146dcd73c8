"""`sibiao reconcile`: dials that a person read against what was collected, and why they differ."""

import json
from datetime import timedelta
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.reconcile.course import courses
from sibiao.reconcile.page import COLOURS, page, signed
from sibiao.reconcile.report import METERS, READINGS, Report, of_course
from sibiao.reconcile.table import read_collected, read_manual, write
from sibiao.sim.success import percent

_FILE = click.Path(path_type=Path, dir_okay=False)
_STYLES = {"good": "green", "open": "yellow", "bad": "bold red"}


@click.command(
    help="Compare dial readings (CSV: time, meter, dial, unit) with what was collected (the CSV "
    "of `sibiao read --csv`): the drift of each meter of COMMUNITY, its likely cause with the "
    "evidence, and the accuracy that is proven.",
    epilog="Example: sibiao reconcile four-water --dials walk.csv --collected read.csv "
    "--html report.html",
)
@click.argument("community")
@click.option("--dials", type=_FILE, required=True, help="What a person read.")
@click.option("--collected", type=_FILE, required=True, help="What `sibiao read --csv` wrote.")
@click.option(
    "--within",
    "within_s",
    default=60,
    show_default=True,
    type=click.IntRange(0),
    help="So many seconds apart, two readings are of one moment.",
)
@click.option("--html", type=_FILE, help="Write one page with a plot for each meter.")
@click.option("--csv", "meters_csv", type=_FILE, help="Write a row for each meter.")
@click.option("--course", "readings_csv", type=_FILE, help="Write a row for each dial reading.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for programs.")
def command(community, dials, collected, within_s, html, meters_csv, readings_csv, as_json):
    loaded = load(community)
    zoned: list[bool] = []
    manual, registers = read_manual(dials, zoned), read_collected(collected, zoned)
    made = courses(loaded, manual, registers, timedelta(seconds=within_s))
    report = Report(loaded.name, loaded.community.title, [of_course(course) for course in made])
    try:
        if html:
            html.write_text(page(report, [str(dials), str(collected)]), encoding="utf-8")
        if meters_csv:
            write(meters_csv, METERS, [meter.row() for meter in report.meters])
        if readings_csv:
            rows = [row for meter in report.meters for row in meter.reading_rows()]
            write(readings_csv, READINGS, rows)
    except OSError as error:
        raise SibiaoError(f"{error.filename} cannot be written: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        _print(report)


def _print(report: Report) -> None:
    console = Console()
    table = Table(title=f"Dial against register: {report.title}", box=box.SIMPLE_HEAD)
    for name in ("meter", "likely cause"):
        table.add_column(name, no_wrap=True)
    for name in ("pulses", "m³", "agree", "proven"):
        table.add_column(name, justify="right", no_wrap=True)
    for meter in report.meters:
        cause = meter.finding.cause
        drift = meter.drift
        table.add_row(
            f"{meter.course.name}\n{meter.course.address}",
            f"[{_STYLES[COLOURS.get(cause, 'bad')]}]{cause}[/]",
            signed(drift),
            signed(None if drift is None else drift * meter.course.weight_m3, 3),
            f"{meter.proof.agreed}/{meter.proof.compared}",
            percent(meter.proof.bound),
        )
    console.print(table)
    for meter in report.meters:
        for said in meter.finding.evidence:
            console.print(f"{meter.course.name}: {said}", markup=False, highlight=False)
        for reading in meter.readings:
            if reading.compared is None:
                at = f"{meter.course.name} {reading.time}: {reading.note}"
                console.print(at, style="yellow", markup=False)
    proof = report.proof
    console.print(
        f"{proof.agreed} of {proof.compared} readings agree: at least {percent(proof.bound)} are "
        "right, at 95 % confidence."
    )
    console.print(proof.sentence)
