"""Watching a point while water, gas or heat is drawn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from sibiao.commission.seen import Seen, Source
from sibiao.reader.exchange import NoAnswer

LOOK_S = 0.3
_QUIET_S = 2.0  # a count that stands so long has come to its end


@dataclass
class Progress:
    """`count`: pulses since the beginning; of a bus meter 1 when its value has changed. `silent`:
    looks that brought no answer, in a row."""

    begun: Seen
    target: int
    timeout_s: float
    now: Seen
    count: Fraction = Fraction(0)
    elapsed_s: float = 0
    rises: int = 0
    bursts: int = 0
    silent: int = 0

    @property
    def is_bus(self) -> bool:
        return self.begun.net is None and self.begun.forward is None

    def take(self, seen: Seen) -> None:
        count = self._count(seen)
        if count > self.count:
            self.rises += 1
            self.bursts += count - self.count > 1
        self.now, self.count, self.silent = seen, count, 0

    def _count(self, seen: Seen) -> Fraction:
        a = self.begun
        if self.is_bus:
            return Fraction(seen.value is not None and seen.value != a.value)
        if None not in (a.forward, seen.forward, a.reverse, seen.reverse) and (
            seen.net is None or a.net is None
        ):
            return abs(seen.forward - a.forward - (seen.reverse - a.reverse))
        return abs(seen.net - a.net) if None not in (seen.net, a.net) else self.count

    @property
    def is_done(self) -> bool:
        return self.count >= self.target


def draw(source: Source, progress: Progress, show: Callable[[Progress], None]) -> None:
    """Until the target is reached and the count stands again, the time is over, or Ctrl-C."""
    began = rose = time.monotonic()
    try:
        while progress.elapsed_s < progress.timeout_s:
            before = progress.count
            try:
                progress.take(source.read())
            except NoAnswer:
                progress.silent += 1
            now = time.monotonic()
            progress.elapsed_s = now - began
            if progress.count != before:
                rose = now
            show(progress)
            if progress.is_done and (progress.is_bus or now - rose >= _QUIET_S):
                return
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        return


def fresh(source: Source, newest: Seen, limit_s: float, show: Callable[[float], None]) -> Seen:
    """A bus meter's value that the converter has polled since: with a later time of its own, or,
    where it has none, after the longest time between two polls."""
    began = time.monotonic()
    seen = newest
    while (left_s := began + limit_s - time.monotonic()) > 0:
        show(left_s)
        time.sleep(min(left_s, 2 * LOOK_S))
        try:
            seen = source.read()
        except NoAnswer:
            continue
        if seen.value_time and newest.value_time and seen.value_time > newest.value_time:
            return seen
    return seen
