"""The same without a terminal: a line every few seconds, the table and the verdict at the end."""

from __future__ import annotations

import time

from rich.console import Console

from sibiao.demo.picture import frame_line, readings_table, status_line, verdict_panel
from sibiao.demo.run import DemoRun
from sibiao.demo.verdict import Verdict
from sibiao.sim.wire import NS_PER_S

_EVERY_NS = 2 * NS_PER_S  # of the node's time
_EVERY_WALL_S = 20.0  # so that a slow node is not taken for a hung one


class PlainPicture:
    """As `Picture`, for a file or a pipe."""

    def __init__(self, console: Console, run: DemoRun, node_note: str):
        self._console = console
        self._run = run
        self._node_note = node_note
        self._began_s = time.monotonic()
        self._next_ns = 0
        self._next_wall_s = 0.0

    def __enter__(self) -> PlainPicture:
        self._console.print(f"Sibiao, {self._run.water.title}: {self._node_note}")
        return self

    def __exit__(self, *error) -> None:
        pass

    def due(self) -> bool:
        wall_s = time.monotonic() - self._began_s
        return self._run.now_ns >= self._next_ns or wall_s >= self._next_wall_s

    def update(self) -> None:
        if not self.due():
            return
        wall_s = time.monotonic() - self._began_s
        self._next_ns = self._run.now_ns + _EVERY_NS
        self._next_wall_s = wall_s + _EVERY_WALL_S
        self._console.print(status_line(self._run, wall_s))

    def finish(self, verdict: Verdict) -> None:
        for frame in list(self._run.frames)[-8:]:
            self._console.print(frame_line(frame, self._run.began_ns))
        self._console.print(readings_table(self._run))
        self._console.print(verdict_panel(self._run, verdict))
