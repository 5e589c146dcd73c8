"""The pins between a communication module and the converter, as the module sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sibiao.node.contract import Clock, Node

_LOOK_NS = 10_000_000


@dataclass(frozen=True)
class ModulePins:
    """GPIO numbers of the converter; None where it is not wired. STA is the module's output; the
    others are driven by the converter: /RST and /SET are active low, EVENT is active high."""

    node: Node
    sta: int | None = None
    reset: int | None = None
    set: int | None = None
    event: int | None = None

    def put_sta(self, level: int) -> None:
        if self.sta is not None:
            self.node.set_pin(self.sta, level)

    def level(self, gpio: int | None, idle: int) -> int:
        return idle if gpio is None else self.node.get_pin(gpio)


class PinWatch:
    """Calls back when /RST has been low for long enough, and when EVENT rises."""

    def __init__(
        self,
        clock: Clock,
        pins: ModulePins,
        reset_ns: int,
        on_reset: Callable[[], None],
        on_event: Callable[[], None],
    ):
        self.set_pulses = 0  # how often /SET went low
        self._clock = clock
        self._pins = pins
        self._reset_ns = reset_ns
        self._on_reset = on_reset
        self._on_event = on_event
        self._low_ns: int | None = None
        self._told = False
        self._set = 1
        self._event = 0
        self._look()

    def _look(self) -> None:
        now_ns = self._clock.now_ns
        if self._pins.level(self._pins.reset, 1):
            self._low_ns, self._told = None, False
        elif self._low_ns is None:
            self._low_ns = now_ns
        elif not self._told and now_ns - self._low_ns >= self._reset_ns:
            self._told = True
            self._on_reset()
        low = self._pins.level(self._pins.set, 1)
        self.set_pulses += self._set and not low
        self._set = low
        event = self._pins.level(self._pins.event, 0)
        rose, self._event = event and not self._event, event
        if rose:
            self._on_event()
        self._clock.call_later(_LOOK_NS, self._look)
