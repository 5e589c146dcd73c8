"""A row as a person sees it, and the statistics below."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sibiao.monitor.piece import ANSWER, REQUEST, Notice, moment
from sibiao.monitor.seen import NO_ANSWER, NOISE, Seen
from sibiao.monitor.statistics import BORDERS_MS, Statistics

_ARROWS = {REQUEST: ("→", "cyan"), ANSWER: ("←", "green"), None: ("?", "yellow")}
_MOST_BYTES = 16
_MOST_VALUES = 6
_BAR = 20


def row(one: Seen | Notice, with_bytes: bool = False) -> Text:
    if isinstance(one, Notice):
        return Text(f"{_time(one.time_ms)} {one.text}", style="bold red")
    arrow, colour = _ARROWS[one.direction]
    piece = one.piece
    text = Text(f"{_time(piece.time_ms)} ")
    if piece.line:
        text.append(f"{piece.line:6} ", "default")
    text.append(f"{arrow} ", colour)
    if one.event == NOISE:
        text.append(f"{len(piece.data)} bytes of no frame: ", "yellow")
        text.append(_bytes(piece.data, 0 if with_bytes else _MOST_BYTES), "yellow")
    else:
        text.append(f"{piece.link:6} ", "dim not bold")
        text.append(f"{one.address or '-':14} ", "bold")
        text.append(one.service if one.event != NO_ANSWER else f"{one.service}: ", colour)
        _append_frame(text, one)
    _append_fault(text, one)
    if with_bytes and one.event not in (NOISE, NO_ANSWER):
        text.append(f"\n{'':13}{_bytes(piece.data, 0)}", "dim")
    return text


def _time(time_ms: int) -> str:
    return f"{moment(time_ms):%H:%M:%S}.{time_ms % 1000:03d}"


def _append_frame(text: Text, one: Seen) -> None:
    if one.event == NO_ANSWER:
        return
    for more in filter(None, (one.also, one.di)):
        text.append(f" {more}", "magenta")
    values = one.values
    if values:
        text.append(f" {', '.join(values[:_MOST_VALUES])}", "default")
    if len(values) > _MOST_VALUES:
        text.append(f" and {len(values) - _MOST_VALUES} more", "dim")
    if one.answer_ms is not None:
        text.append(f" ({one.answer_ms} ms)", "dim")
    if one.retry:
        text.append(" again", "yellow")


def _append_fault(text: Text, one: Seen) -> None:
    if one.error:
        text.append(f" {one.error}", "bold red")
    if one.note:
        text.append(f" {one.note}", "dim")


def _bytes(data: bytes, most: int) -> str:
    shown = data[:most] if most else data
    return shown.hex(" ").upper() + (" …" if len(shown) < len(data) else "")


def summary(counts: Statistics, now_ms: int | None = None) -> Group:
    """Live with the time that it is now, which rates are told for; else at the end."""
    frames = ", ".join(f"{n} {link}" for link, n in sorted(counts.frames.items()))
    strange = (
        f"{counts.strange_pieces} pieces of no frame ({counts.strange_bytes} bytes), "
        f"{counts.checksum_errors} with a wrong checksum"
    )
    return Group(
        Text(
            f"{counts.frames.total()} frames ({frames or 'none yet'}), {counts.bytes} bytes in "
            f"{counts.seconds:.1f} s, {counts.per_second(now_ms):.1f} frames/s",
            style="bold",
        ),
        Text(
            f"{counts.requests} requests, {counts.answers} answers ({counts.refused} refuse), "
            f"{counts.unanswered} unanswered, {counts.retries} again, {counts.unasked} unasked"
        ),
        Text(strange, style="yellow" if counts.strange_pieces else "dim"),
        _histogram(counts),
    )


def _histogram(counts: Statistics) -> Table | Text:
    if not counts.answers:
        return Text("no answer times yet", style="dim")
    table = Table.grid(padding=(0, 1))
    table.add_row(
        "answer times", f"{counts.fastest_ms} to {counts.slowest_ms} ms", "", style="default"
    )
    most = max(counts.answer_ms)
    lows = (0, *BORDERS_MS)
    for low, high, n in zip(lows, (*BORDERS_MS, None), counts.answer_ms, strict=True):
        if n:
            span = f"{low} ms and more" if high is None else f"{low} to {high} ms"
            bar = "█" * max(1, n * _BAR // most)
            table.add_row(Text(span, justify="right"), Text(bar, style="green"), str(n))
    return table
