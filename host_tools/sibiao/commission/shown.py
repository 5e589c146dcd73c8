"""The count while drawing: one live line with a bar on a terminal, else a line at each change.
And what was found, as a table."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sibiao.commission.draw import Progress
from sibiao.commission.judge import GOOD
from sibiao.reader.shown import status_words


class Shown:
    """A context manager; call it with each look."""

    def __init__(self, console: Console, name: str):
        self._console = console
        self._name = name
        self._said: tuple | None = None
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Shown:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(self, *error) -> None:
        if self._live:
            self._live.__exit__(*error)

    def __call__(self, progress: Progress) -> None:
        if self._live:
            self._live.update(_picture(self._name, progress), refresh=True)
            return
        said = progress.count, progress.now.value, bool(progress.silent)
        if said != self._said:
            self._said = said
            self._console.print(f"{self._name}: {_line(progress)}", markup=False, highlight=False)


def _line(progress: Progress) -> str:
    now = progress.now
    value = "unknown" if now.value is None else f"{now.value} {now.unit}"
    if progress.silent:
        return f"no answer ({progress.silent} times); last {value}"
    if progress.is_bus:
        return f"{value}{' (changed)' if progress.count else ''}"
    enough = ": enough, close the tap" if progress.is_done else ""
    return f"{progress.count} of {progress.target} pulses{enough}, {value}"


def _picture(name: str, progress: Progress) -> Table:
    made = Table.grid(padding=(0, 2))
    bar = ProgressBar(float(progress.target), float(progress.count), width=30)
    status = status_words(progress.now.status) if progress.now.status else ""
    left_s = max(0, progress.timeout_s - progress.elapsed_s)
    made.add_row(f"[bold]{name}[/]", bar, _line(progress), f"[dim]{left_s:.0f} s left[/]",
                 f"[yellow]{status}[/]")  # fmt: skip
    return made


def table(done: dict[str, dict[str, str]]) -> Group:
    """By point: what was signed."""
    made = Table(title="Commissioning")
    for title in ("point", "verdict", "dial", "converter", "drift"):
        made.add_column(title, overflow="fold")
    sentences = []
    for name, said in done.items():
        pulses = said.get("drift_pulses")
        made.add_row(
            name,
            Text(said["cause"] or GOOD, "green" if said["verdict"] == GOOD else "bold red"),
            f"{said['dial_before']} → {said['dial_after']} {said['unit']}",
            f"{said['converter_before'] or '?'} → {said['converter_after'] or '?'}",
            f"{pulses} pulses" if pulses else said.get("drift", ""),
        )
        words = " ".join(each for each in (said["said"], said["todo"]) if each)
        sentences.append(Text(f"{name}: {words}"))
    return Group(made, *sentences)
