"""What a hostile meter holds for true where nobody tells it: what sound reads brought before."""

from __future__ import annotations

from datetime import datetime

from sibiao.node.contract import Clock
from sibiao.sim.bcd import get_bcd
from sibiao.sim.hostile.items import TIME
from sibiao.sim.uplink.dlt645_reading import ReadItem

_LATE_S = 3  # a value is told once a second, and asked for somewhat later


class Learned:
    """A value is true when it is the one that was learned, or has grown by at most `growing` of
    its last digit since the last true one. When a value was told is true when it has gone on since
    the last true one, and by no more than the time that has passed."""

    def __init__(self, growing: int = 0, clock: Clock | None = None):
        self.learning = True
        self._growing = growing
        self._known: dict[str, bytes] = {}
        self._clock = clock
        self._told: dict[str, tuple[datetime, int]] = {}

    def __call__(self, item: ReadItem, field: bytes) -> bool:
        if item.unit == TIME:
            return self._has_gone_on(item, field)
        known = self._known.get(item.name)
        true = known == field or (known is not None and self._grown(known, field))
        if true or (known is None and self.learning):
            self._known[item.name] = bytes(field)
            return True
        return False

    def _has_gone_on(self, item: ReadItem, field: bytes) -> bool:
        try:
            told = datetime.strptime(field[::-1].hex(), "%y%m%d%H%M%S")
        except ValueError:
            return False
        now_ns = self._clock.now_ns
        before, then_ns = self._told.get(item.name, (told, now_ns))
        span_s = (told - before).total_seconds()
        if not 0 <= span_s <= (now_ns - then_ns) / 1e9 + _LATE_S:
            return False
        self._told[item.name] = told, now_ns
        return True

    def _grown(self, known: bytes, field: bytes) -> bool:
        before, now = get_bcd(known), get_bcd(field)
        return None not in (before, now) and 0 <= now - before <= self._growing
