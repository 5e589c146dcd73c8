"""The board's pins as they look from outside."""

from __future__ import annotations

from collections.abc import Collection

from sibiao.errors import SibiaoError

_ANALOG = range(26, 30)
_OUT = 1
_OPEN_DRAIN = 2
_PULL_UP = 1


class Pads:
    """What the bench drives, what the board drives, and the level that comes of it."""

    def __init__(self, adc: Collection[int] = _ANALOG):
        self._adc = adc
        self.driven: dict[int, int] = {}
        self.analog: dict[int, int] = {}
        self._board: dict[int, int] = {}

    def drive(self, gpio: int, level: int) -> bool:
        """False when it was driven so already."""
        level = 1 if level else 0
        if self.driven.get(gpio) == level:
            return False
        self.driven[gpio] = level
        return True

    def set_analog(self, gpio: int, raw: int) -> None:
        if gpio not in self._adc:
            inputs = ", ".join(map(str, self._adc)) or "none"
            raise SibiaoError(f"GPIO {gpio} is no ADC input of the node; there are: {inputs}.")
        self.analog[gpio] = raw

    def board_set(self, gpio: int, state: int) -> None:
        """`state` as the board reports it: mode, latch << 2, pull << 3."""
        self._board[gpio] = state

    def board_stopped(self) -> None:
        self._board.clear()

    def level(self, gpio: int) -> int:
        state = self._board.get(gpio, 0)
        mode, latch, pull = state & 3, state >> 2 & 1, state >> 3
        if mode == _OUT or (mode == _OPEN_DRAIN and not latch):
            return latch
        if gpio in self.driven:
            return self.driven[gpio]
        return 1 if pull == _PULL_UP else 0
