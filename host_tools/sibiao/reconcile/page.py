"""The reconciliation as one HTML page that holds everything, plots included."""

from __future__ import annotations

from pathlib import Path

from sibiao import __version__
from sibiao.reconcile.plot import plot
from sibiao.reconcile.report import MeterReport, Report, plain
from sibiao.sim.success import percent
from sibiao.templates import html_templates

COLOURS = {"none": "good", "unclear": "open"}  # all other causes are bad


def page(report: Report, sources: list[str]) -> str:
    """`sources`: the files it was made of, as they were named."""
    templates = html_templates(Path(__file__).with_name("templates"))
    templates.filters |= {"plain": plain, "percent": percent, "signed": signed}
    return templates.get_template("reconcile.html.j2").render(
        report=report,
        sources=sources,
        version=__version__,
        plots={meter.course.address: plot(meter) for meter in report.meters},
        colours={m.course.address: COLOURS.get(m.finding.cause, "bad") for m in report.meters},
        span=_span(report.meters),
    )


def signed(value, decimals: int = 1) -> str:
    text = plain(value, decimals)
    return f"+{text}" if value is not None and value > 0 and text != "0" else text or "?"


def _span(meters: list[MeterReport]) -> str:
    times = [each.time for meter in meters for each in meter.course.compared]
    return f"{min(times):%Y-%m-%d} to {max(times):%Y-%m-%d}" if times else "no comparable reading"
