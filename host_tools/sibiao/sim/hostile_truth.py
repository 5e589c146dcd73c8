"""What a hostile meter holds for true where nobody tells it: what sound reads brought before."""

from __future__ import annotations

from sibiao.sim.bcd import get_bcd
from sibiao.sim.dlt645_reading import ReadItem


class Learned:
    """A value is true when it is the one that was learned, or has grown by at most `growing` of
    its last digit since the last true one."""

    def __init__(self, growing: int = 0):
        self.learning = True
        self._growing = growing
        self._known: dict[str, bytes] = {}

    def __call__(self, item: ReadItem, field: bytes) -> bool:
        known = self._known.get(item.name)
        true = known == field or (known is not None and self._grown(known, field))
        if true or (known is None and self.learning):
            self._known[item.name] = bytes(field)
            return True
        return False

    def _grown(self, known: bytes, field: bytes) -> bool:
        before, now = get_bcd(known), get_bcd(field)
        return None not in (before, now) and 0 <= now - before <= self._growing
