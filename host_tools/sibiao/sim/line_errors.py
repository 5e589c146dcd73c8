"""Bit errors of a line, at a rate and from a seed."""

from __future__ import annotations

import math
import random


class BitErrors:
    """Each data bit is turned over with the probability `rate`, independently.

    Parity is of no help here: what reaches the receiver is the byte as it was sampled, the worst
    that a receiver which does not look at parity may meet.
    """

    def __init__(self, rate: float, rng: random.Random):
        if not 0 <= rate < 1:
            raise ValueError(f"a bit-error rate is from 0 to below 1, not {rate}")
        self.rate = rate
        self.turned = 0  # bits
        self._rng = rng
        self._left = self._sound()

    def _sound(self) -> float:
        """How many sound bits come before the next turned one."""
        if not self.rate:
            return math.inf
        return math.floor(math.log(1 - self._rng.random()) / math.log1p(-self.rate))

    def byte(self, byte: int) -> int:
        while self._left < 8:
            byte ^= 1 << self._left
            self.turned += 1
            self._left += 1 + self._sound()
        self._left -= 8
        return byte

    def bytes(self, data: bytes) -> bytes:
        return bytes(map(self.byte, data))
