"""A hostile meter's result for people."""

from __future__ import annotations

from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sibiao.sim.hostile.forms import FORMS
from sibiao.sim.hostile.result import HostileResult, Tally

_STYLES = {"proved": "green", "not proved": "yellow", "unfinished": "yellow", "breach": "red"}


@contextmanager
def progress(console: Console, reads: int):
    """Gives on_read(result), which moves the bar."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("reading", total=reads)

        def on_read(result: HostileResult) -> None:
            r = result.reads
            said = f"right {r.right}, wrong {r.wrong}, unexpected {result.unexpected}"
            bar.update(task, completed=r.asked, description=said)

        yield on_read


def show(console: Console, result: HostileResult) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("form", "what the meter does"):
        table.add_column(name)
    for name in ("asked", "right", "at once", "wrong"):
        table.add_column(name, justify="right")
    for name, form in FORMS.items():
        if name in result.forms:
            table.add_row(name, form.does, *_row(result.forms[name]))
    table.add_section()
    table.add_row("all", "", *_row(result.reads))
    console.print(table)
    r = result
    plan = (
        f"plan: {r.plan.reads} reads, at most {r.plan.allowed} failed, {r.plan.tries} tries each, "
        f"to prove {100 * float(r.plan.share):g} %"
    )
    kept = f"requests to keep silent at: {r.silences}, kept {r.kept}"
    lines = [
        f"at least {100 * r.bound:.4f} % at 95 % confidence ({plan})",
        f"{kept}; unexpected bytes {r.unexpected} times",
        f"answers too early {r.early}, too late {r.late}; {_span(r)}",
        f"bit-error rate {r.bit_error_rate:g} ({r.bits_turned} bits turned), seed {r.seed}",
    ]
    lines += [f"{count} times: {fault}" for fault, count in sorted(r.faults.items())]
    for line in lines:
        console.print(line, highlight=False)
    console.print(r.verdict, style=_STYLES[r.verdict])


def _row(tally: Tally) -> tuple[str, ...]:
    return str(tally.asked), str(tally.right), str(tally.at_try[1]), str(tally.wrong)


def _span(r: HostileResult) -> str:
    if r.shortest_ns is None:
        return "no answer came"
    return f"answered after {r.shortest_ns / 1e6:.1f} to {r.longest_ns / 1e6:.1f} ms"
