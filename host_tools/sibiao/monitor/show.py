"""Rows above, statistics below: living at a terminal, plain lines elsewhere, JSON for programs."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.live import Live

from sibiao.monitor.piece import Notice
from sibiao.monitor.rows import row, summary
from sibiao.monitor.seen import Seen
from sibiao.monitor.statistics import Statistics

_REFRESH_MS = 250


class JsonShow:
    def __enter__(self) -> JsonShow:
        return self

    def begin(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def tell(self, one: Seen | Notice) -> None:
        click.echo(json.dumps(one.as_json()))

    def refresh(self, now_ms: int) -> None:
        """Nothing lives here."""

    def __exit__(self, *_) -> None:
        click.echo(json.dumps({"statistics": self._statistics.as_json()}))


class LiveShow:
    def __init__(self, with_bytes: bool):
        self._console = Console(highlight=False)
        self._with_bytes = with_bytes
        self._live: Live | None = None
        self._drawn_ms = 0

    def __enter__(self) -> LiveShow:
        return self

    def begin(self, statistics: Statistics) -> None:
        self._statistics = statistics
        if self._console.is_terminal:
            self._live = Live(summary(statistics), console=self._console, auto_refresh=False)
            self._live.start()

    def tell(self, one: Seen | Notice) -> None:
        self._console.print(row(one, self._with_bytes), soft_wrap=True)

    def refresh(self, now_ms: int) -> None:
        if self._live and now_ms - self._drawn_ms >= _REFRESH_MS:
            self._drawn_ms = now_ms
            self._live.update(summary(self._statistics, now_ms), refresh=True)

    def __exit__(self, *_) -> None:
        if self._live:
            self._live.update(summary(self._statistics), refresh=True)
            self._live.stop()
        else:
            self._console.print(summary(self._statistics))
