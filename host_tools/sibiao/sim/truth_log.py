"""What a simulated meter's dial showed and since when, to judge a reading that took its time."""

from __future__ import annotations

from collections import deque

from sibiao.sim.quantity import Quantity


class TruthLog:
    """The changes of one quantity. A value holds from its own change until the next one."""

    def __init__(self, since_ns: int, first: Quantity, keep: int = 4096):
        self._changes: deque[tuple[int, Quantity]] = deque([(since_ns, first)], maxlen=keep)

    @property
    def latest(self) -> Quantity:
        return self._changes[-1][1]

    def set(self, at_ns: int, quantity: Quantity) -> None:
        if quantity != self.latest:
            self._changes.append((at_ns, quantity))

    def held(self, reading: Quantity, since_ns: int, until_ns: int) -> bool:
        """Was `reading` true at any moment of the span, seen at the reading's resolution?"""
        ends_ns = None
        for from_ns, quantity in reversed(self._changes):
            if from_ns <= until_ns and quantity.at(reading.exponent, reading.unit) == reading:
                return True
            ends_ns = from_ns
            if ends_ns <= since_ns:
                return False
        return False
