"""The bench's progress: a live table on a terminal, a line for each step otherwise."""

from __future__ import annotations

import time

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sibiao.lab.bench import Bench
from sibiao.lab.record import Step, worst
from sibiao.lab.report.history import Past
from sibiao.lab.report.page import WORDS, reasons

STYLES = {
    "passed": "green",
    "failed": "bold red",
    "error": "bold red",
    "unfinished": "bold yellow",
    "skipped": "dim",
}
_DRAW_S = 0.15
_BAR = 24
_WIDE = 100  # columns, with room for what a step says
_REASONS = 6  # of a module
_AROUND = 12  # lines of the screen that are not steps


class Screen:
    """As a context, live when the console is a terminal."""

    def __init__(self, console: Console, benches: list[Bench]):
        self._console = console
        self._benches = benches
        self._told: dict[int, int] = {}
        self._next_s = 0.0
        self._live = None
        if console.is_terminal:
            self._live = Live(console=console, transient=True, auto_refresh=False)

    def __enter__(self) -> Screen:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_) -> None:
        if self._live:
            self._live.stop()

    def look(self) -> None:
        if self._live:
            if time.monotonic() >= self._next_s:
                self._next_s = time.monotonic() + _DRAW_S
                self._live.update(self._picture(), refresh=True)
            return
        for n, bench in enumerate(self._benches):
            told = self._told.get(n, 0)
            for step in bench.run.steps[told:]:
                self._console.print(_line(step, self._prefix(bench)), highlight=False)
            self._told[n] = len(bench.run.steps)

    def ended(self, bench: Bench) -> None:
        """Its steps stay on the screen; the verdict comes last, when all are done."""
        self.look()
        console = self._live.console if self._live else self._console
        if self._live and console.width >= _WIDE:
            console.print(_steps(bench, bench.run.steps, console.width, live=False))
        elif self._live:
            for step in bench.run.steps:
                console.print(_line(step, self._prefix(bench)))
        console.print(Text(f"{self._prefix(bench)}reports: {bench.folder}"))

    def _prefix(self, bench: Bench) -> str:
        return f"{bench.under_test.text}: " if len(self._benches) > 1 else ""

    def _picture(self):
        running = [b for b in self._benches if b.state == "running"]
        parts = []
        if len(self._benches) > 1:
            parts.append(_modules(self._benches))
        if len(running) == 1:
            seen = _in_sight(running[0], self._console.height)
            parts.append(_steps(running[0], seen, self._console.width, live=True))
        return Group(*parts)


def verdicts(console: Console, benches: list[Bench]) -> None:
    """Of several modules a table, then the verdict in a frame: the last thing on the screen."""
    if len(benches) > 1:
        console.print(_summary(benches))
    verdict = worst([bench.run for bench in benches])
    sign, word = WORDS[verdict]
    lines = [Text(f"{sign} {word}", style=STYLES[verdict])]
    for bench in benches:
        why = reasons(bench.run)
        who = bench.run.module.serial or bench.under_test.text
        if len(benches) == 1:
            scope = f", {bench.run.scope}" if bench.run.scope else ""
            lines.append(Text(f"module {who}, seed {bench.run.seed}{scope}"))
        elif why:
            lines.append(Text(who, style="bold"))
        lines += [Text(each) for each in why[:_REASONS]]
        if len(why) > _REASONS:
            lines.append(Text(f"and {len(why) - _REASONS} more: {bench.folder}"))
    console.print(Panel(Group(*lines), border_style=STYLES[verdict], expand=False))


def _line(step: Step, prefix: str) -> Text:
    sign, word = WORDS[step.outcome]
    said = f": {step.said.splitlines()[0]}" if step.said else ""
    text = Text(f"{prefix}{sign} {word:8}", style=STYLES[step.outcome])
    return text.append(f"{step.clause} {step.label}, {step.seconds:.1f} s{said}", style="default")


def _in_sight(bench: Bench, height: int) -> list[Step]:
    """As many as fit, the running one among them."""
    most = max(4, height - _AROUND)
    done = len(bench.run.steps)
    first = max(0, min(done - most // 2, len(bench.steps) - most))
    return [*bench.run.steps, *bench.steps[done:]][first : first + most]


def _steps(bench: Bench, steps: list[Step], width: int, live: bool) -> Table:
    module = bench.run.module
    title = f"module {module.serial or bench.under_test.text}"
    if live:
        title += f", {len(bench.run.steps)} of {bench.run.planned} steps done"
    table = Table(title=escape(title), box=box.SIMPLE_HEAD, title_justify="left")
    wide = width >= _WIDE
    bar_width = _BAR if wide and live else _BAR // 2
    table.add_column("clause", no_wrap=True, min_width=9)
    table.add_column("step", no_wrap=True)
    table.add_column("", width=bar_width)
    table.add_column("s", justify="right", no_wrap=True, min_width=5)
    if wide:
        table.add_column("")
    done = {id(step) for step in bench.run.steps}
    for step in steps:
        if id(step) in done:
            sign, word = WORDS[step.outcome]
            state = Text(f"{sign} {word.lower()}", style=STYLES[step.outcome])
            said = step.said.splitlines()[0] if step.said else _values(step)
            cells = (state, f"{step.seconds:.1f}", Text(said))
        elif step.name == bench.now:
            passed_s = time.monotonic() - bench.since_s
            bar = (
                ProgressBar(width=bar_width, total=None, pulse=True, animation_time=passed_s)
                if bench.share is None
                else ProgressBar(width=bar_width, total=1, completed=bench.share)
            )
            cells = (bar, f"{passed_s:.0f}", "")
        else:
            cells = ("", "", "")
        table.add_row(step.clause, escape(step.label), *cells[: None if wide else 2])
    return table


def _values(step: Step) -> str:
    return ", ".join(f"{each.name} {each.shown}" for each in step.measured[:2])


def _modules(benches: list[Bench]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("module", "serial"):
        table.add_column(name, no_wrap=True)
    table.add_column("", width=_BAR)
    table.add_column("now")
    for bench in benches:
        run = bench.run
        if bench.state == "done":
            sign, word = WORDS[run.verdict]
            bar = Text(f"{sign} {word}", style=STYLES[run.verdict])
        else:
            done = len(run.steps) + (bench.share or 0)
            bar = ProgressBar(width=_BAR, total=run.planned, completed=done)
        now = next((s.label for s in bench.steps if s.name == bench.now), bench.state)
        table.add_row(escape(bench.under_test.text), run.module.serial, bar, escape(now))
    return table


def _summary(benches: list[Bench]) -> Table:
    table = Table(title="Modules", box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("serial", "module", "verdict"):
        table.add_column(name, no_wrap=True)
    for name in ("passed", "failed", "errors", "skipped"):
        table.add_column(name, justify="right")
    table.add_column("reports", overflow="fold")
    for bench in benches:
        run = bench.run
        sign, word = WORDS[run.verdict]
        counts = [str(run.count(each)) for each in ("passed", "failed", "error", "skipped")]
        verdict = Text(f"{sign} {word.split(':')[0]}", style=STYLES[run.verdict])
        where = escape(str(bench.folder or ""))
        serial = run.module.serial or "unknown"
        table.add_row(serial, escape(bench.under_test.text), verdict, *counts, where)
    return table


def past_table(serial: str, past: list[Past]) -> Table:
    table = Table(title=f"Module {escape(serial)}", box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("started", "verdict", "scope"):
        table.add_column(name, no_wrap=True)
    for name in ("passed", "failed", "skipped"):
        table.add_column(name, justify="right")
    for name in ("firmware", "configuration", "failed at", "reports"):
        table.add_column(name, overflow="fold")
    for each in past:
        sign, word = WORDS[each.verdict]
        scope = "quick" if each.quick else "full"
        table.add_row(
            each.started[:16].replace("T", " "),
            Text(f"{sign} {word.split(':')[0]}", style=STYLES[each.verdict]),
            escape(f"{scope}, {' '.join(each.only)}" if each.only else scope),
            *(str(each.outcomes[name]) for name in ("passed", "failed", "skipped")),
            *map(escape, (each.firmware, each.config, ", ".join(each.failed), each.folder)),
        )
    return table
