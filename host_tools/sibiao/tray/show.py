"""What people see of a run: a bar a board on a terminal, else one whole line an event; and at the
end a table."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from sibiao.tray.result import FAILED, FLASHED, INTERRUPTED, KEPT, Result
from sibiao.tray.run import Told

_STYLES = {FLASHED: "green", KEPT: "green", FAILED: "red", INTERRUPTED: "yellow"}
_BAR, _REST = 20, 12  # columns of a bar; of the time, of spaces and of the line's end
_REPORTED = ("serial", "address", "community", "config", "firmware", "slot", "unit")


class Bars:
    """`ports`: a bar for each, in this order."""

    def __init__(self, console: Console, ports: list[str]):
        # What is left of the line: a long sentence must not push the bars away.
        rest = max(10, console.width - max(map(len, ports)) - _BAR - _REST)
        self._bars = Progress(
            TextColumn("{task.fields[port]}", table_column=Column(no_wrap=True)),
            BarColumn(_BAR),
            TimeElapsedColumn(),
            TextColumn("{task.description}", table_column=Column(no_wrap=True, max_width=rest)),
            console=console,
            transient=True,
        )
        self._tasks = {port: self._bars.add_task("", port=port, total=None) for port in ports}

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(self, *_) -> None:
        self._bars.stop()

    def told(self, told: Told) -> None:
        # The bar pulses while there is nothing to count; `update` cannot take a total back, nor
        # that all of it was reached.
        task = self._tasks[told.port]
        bar = self._bars.tasks[task]
        bar.total, bar.finished_time = told.total or None, None
        self._bars.update(task, description=told.what, completed=told.done)

    def ended(self, result: Result) -> None:
        task = self._tasks[result.port]
        self._bars.tasks[task].total = 1
        said = result.verdict + (f": {result.error}" if result.error else f" {result.serial}")
        style = _STYLES[result.verdict]
        self._bars.update(task, completed=1, description=f"[{style}]{escape(said)}")
        self._bars.stop_task(task)

    def note(self, text: str) -> None:
        self._bars.console.print(text, style="yellow")


class Lines:
    """For what is no terminal: logs, pipes, CI."""

    def __init__(self, console: Console, ports: list[str]):
        self._console = console
        self._are_many = len(ports) > 1  # of one, the error is the command's own
        self._last: dict[str, str] = {}

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_) -> None:
        pass

    def told(self, told: Told) -> None:
        # Of copying only that it has begun: files are told when it is over.
        what = told.what if told.done == 0 else self._last.get(told.port, told.what)
        if self._last.get(told.port) != what:
            self._last[told.port] = what
            self._say(told.port, what)

    def ended(self, result: Result) -> None:
        said = f"{result.verdict} {result.serial}".rstrip()
        self._say(
            result.port, said + (f": {result.error}" if result.error and self._are_many else "")
        )

    def note(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def _say(self, port: str, what: str) -> None:
        self._console.print(Text(f"{port}: {what}"), soft_wrap=True)


def shown(ports: list[str]) -> Bars | Lines:
    console = Console(stderr=True)
    return (Bars if console.is_terminal else Lines)(console, ports)


def table(results: list[Result]) -> Group:
    """All boards, and below it what to do about those that did not pass."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("port", "unit", "board id", "verdict", "slot"):
        made.add_column(title, overflow="fold")
    for title in ("copied", "kept", "s"):
        made.add_column(title, justify="right")
    for each in results:
        row = (
            each.port, each.serial, each.board_id, each.verdict, each.slot or "?",
            str(len(each.copied)), str(each.kept), f"{each.seconds:.1f}",
        )  # fmt: skip
        made.add_row(*map(Text, row), style=None if each.has_passed else _STYLES[each.verdict])
    told = (
        Text(f"{each.port}: {each.error}", style=_STYLES[each.verdict])
        for each in results
        if not each.has_passed
    )
    return Group(made, *told)


def card(community: str, result: Result) -> Table:
    """Of one board that passed: what it says of itself."""
    made = Table(title=f"{community} runs on {result.port}", show_header=False)
    for key in _REPORTED:
        made.add_row(key, str(result.report.get(key)))
    made.add_row(
        "files",
        f"{len(result.copied)} copied ({result.copied_bytes} bytes), {result.kept} kept",
    )
    for step, what in result.steps.items():
        made.add_row(step, what)
    return made
