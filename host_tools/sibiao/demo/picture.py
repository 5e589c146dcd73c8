"""The live picture in a terminal: dials, registers, readings, and frames going by underneath."""

from __future__ import annotations

import time

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sibiao.demo.run import DONE, READING, SETTLING, STARTING, DemoRun, Follow
from sibiao.demo.verdict import Verdict, turnaround_ms
from sibiao.sim.wire import NS_PER_S, Frame

_PHASES = {
    STARTING: ("starting", "yellow"),
    READING: ("reading", "green"),
    SETTLING: ("settling", "cyan"),
    DONE: ("done", "bold"),
}
_REFRESH_S = 0.1
_OVERDUE_S = 2.0  # lines that never rest must not stop the picture
_FRAMES_AFTERWARDS = 4  # left standing above the verdict where there is room

_HEAD_LINES, _HEADING_LINES, _BORDER_LINES = 3, 2, 2


class Picture:
    """A context manager; `update` as often as you like, it draws ten times a second at most.

    Drawing takes up to 50 ms, in which a node that lives in real time would hear bytes late and
    take a frame for broken off: so it is done while the lines are quiet.
    """

    def __init__(
        self, console: Console, run: DemoRun, node_note: str, began_s: float | None = None
    ):
        self._console = console
        self._run = run
        self._node_note = node_note
        self._began_s = time.monotonic() if began_s is None else began_s
        self._drawn_s = 0.0
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Picture:
        self._live.__enter__()
        self.update()
        return self

    def __exit__(self, *error) -> None:
        self._live.__exit__(*error)

    def due(self) -> bool:
        return time.monotonic() - self._drawn_s >= _REFRESH_S

    def update(self) -> None:
        overdue = time.monotonic() - self._drawn_s >= _OVERDUE_S
        if overdue or (self._run.quiet and self.due()):
            # One line stays free: a picture as high as the terminal scrolls.
            self._live.update(self._picture(self._console.height - 1), refresh=True)
            self._drawn_s = time.monotonic()

    def finish(self, verdict: Verdict) -> None:
        """The last picture, which stays, with the verdict under it."""
        self._live.update(self.last(verdict), refresh=True)

    def last(self, verdict: Verdict) -> Group:
        panel = verdict_panel(self._run, verdict)
        panel_lines = len(self._console.render_lines(panel))
        room = self._room_below_table(self._console.height - 1) - panel_lines
        parts = [self._head(), readings_table(self._run)]
        if room > 0:
            parts.append(self._frames(min(room, _FRAMES_AFTERWARDS)))
        return Group(*parts, panel)

    def _picture(self, height: int) -> Group:
        room = self._room_below_table(height)
        return Group(self._head(), readings_table(self._run), self._frames(max(1, room)))

    def _room_below_table(self, height: int) -> int:
        return height - _HEAD_LINES - _HEADING_LINES - len(self._run.follows) - _BORDER_LINES

    def _head(self) -> Panel:
        return Panel(
            status_line(self._run, time.monotonic() - self._began_s),
            title=f"[bold]Sibiao 四表[/]  {self._run.water.title}",
            subtitle=f"[dim]{self._node_note}[/]",
            box=box.ROUNDED,
            border_style="blue",
        )

    def _frames(self, lines: int) -> Panel:
        frames = list(self._run.frames)[-lines:]
        shown = [frame_line(frame, self._run.began_ns) for frame in frames]
        shown += [Text()] * (lines - len(shown))
        return Panel(Group(*shown), box=box.ROUNDED, border_style="bright_black", padding=(0, 1))


def status_line(run: DemoRun, wall_s: float) -> Text:
    word, style = _PHASES[run.phase]
    counted = "–" if run.counted is None else str(run.counted)
    node_s = run.now_ns / NS_PER_S
    return Text.assemble(
        (f"● {word}", style),
        f"   node {node_s:5.1f} s   wall {wall_s:5.1f} s",
        "   pulses ",
        (f"{counted}/{run.water.emitted}", "bold"),
        "   reads ",
        (
            f"{run.ok}/{run.tried}",
            "bold" if run.ok == run.tried or not run.ready_ns else "bold red",
        ),
    )


def readings_table(run: DemoRun) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, show_edge=False)
    table.add_column("reading", no_wrap=True)
    for name in ("dial", "register", "collected"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True, style="dim")
    # As wide from the start as they get, so that nothing jumps.
    table.add_column("age", justify="right", no_wrap=True, min_width=6)
    table.add_column("reads", justify="right", no_wrap=True, min_width=11)
    for follow in run.follows.values():
        table.add_row(*_row(run, follow))
    return table


def _row(run: DemoRun, follow: Follow) -> list[Text | str]:
    watched = follow.watched
    held = run.rounds.collected[watched.name]
    dial = run.dial(watched)
    colour = "red" if follow.untrue else "green"
    register = Text("–", "dim")
    if follow.register is not None:
        register = Text(follow.register.number(), "" if follow.register == dial else "yellow")
    collected, age = Text("–", "dim"), ""
    if follow.collected is not None:
        collected = Text(follow.collected.value.number(), colour)
        age = f"{(run.node.clock.now_ns - follow.collected.ended_ns) / NS_PER_S:.1f} s"
    share = Text(f"{held.ok}/{held.tried}", "dim" if not held.tried else "")
    if held.tried and run.ready_ns is not None:
        percent = 100 * held.ok // held.tried
        share.append(f" {percent:3d} %", "green" if percent == 100 else "red")
    return [watched.name, dial.number(), register, collected, watched.read.unit, age, share]


def frame_line(frame: Frame, began_ns: int) -> Text:
    """One frame: time, from whom to whom, address, service, data identifier, value."""
    meter, style = ("elec", "cyan") if frame.line == "uplink" else ("heat", "magenta")
    way = f"{meter}→conv" if frame.to_converter else f"conv→{meter}"
    failed = not frame.data or frame.service.endswith("error")
    return Text.assemble(
        (f"{(frame.time_ns - began_ns) / NS_PER_S:7.3f}", "dim"),
        " ",
        (way, style),
        f" {frame.address:<14} {frame.service:<9} {frame.di:<8} ",
        (frame.value, "red" if failed else "bold"),
        no_wrap=True,
        overflow="ellipsis",
    )


def verdict_panel(run: DemoRun, verdict: Verdict) -> Panel:
    counted = "none" if run.counted is None else run.counted
    lines = [
        f"reads    {run.ok} of {run.tried} answered with a value",
        f"pulses   {counted} counted of {run.water.emitted} emitted",
    ]
    if verdict.line:
        lines.append(f"fault    {escape(verdict.line)}")
    if run.ready_ns is not None:
        lines.append(f"ready    {run.ready_ns / NS_PER_S:.1f} s after the node began to run")
    if td_ms := turnaround_ms(run):
        least, middle, most = td_ms
        lines.append(f"Td       {least:.1f} .. {middle:.1f} .. {most:.1f} ms (20 .. 500 allowed)")
    lines += [f"[red]✗[/] {escape(reason)}" for reason in verdict.reasons]
    style = "green" if verdict.passed else "red"
    mark = "✓ PASS" if verdict.passed else "✗ FAIL"
    return Panel(
        "\n".join(lines), title=f"[bold {style}]{mark}[/]", border_style=style, title_align="left"
    )
