"""What has been heard, told in order: the same of a live line and of its recording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from sibiao.monitor.exchanges import Exchanges
from sibiao.monitor.piece import Notice, Piece
from sibiao.monitor.seen import Profiles, Seen, seen
from sibiao.monitor.statistics import Statistics
from sibiao.monitor.wanted import Wanted


class Session:
    """`tell` gets what is wanted; the statistics count everything."""

    def __init__(self, profiles: Profiles, wanted: Wanted, tell: Callable[[Seen | Notice], None]):
        self.statistics = Statistics()
        self._profiles, self._wanted, self._tell = profiles, wanted, tell
        self._lines: dict[str, Exchanges] = defaultdict(Exchanges)

    def take(self, piece: Piece | Notice) -> None:
        if isinstance(piece, Notice):
            self.statistics.notices += 1
            self._tell(piece)
            return
        for one in self._lines[piece.line].take(seen(piece, self._profiles)):
            self.statistics.take(one)
            if self._wanted.has(one):
                self._tell(one)
