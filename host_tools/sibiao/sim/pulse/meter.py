"""A mechanical water meter: a magnet on its wheel closes a reed contact once a pulse.

The contact pulls the converter's input to ground (active low) and bounces at either edge.
"""

from __future__ import annotations

import random

from sibiao.node.contract import Cancel, Node
from sibiao.sim.quantity import Quantity
from sibiao.sim.truth_log import TruthLog
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

_OPEN, _CLOSED = 1, 0


class PulseMeter:
    """`dial` is what a person reads on the meter: the base reading and all pulses since."""

    def __init__(
        self,
        node: Node,
        gpio: int,
        *,
        litres_per_pulse: int = 10,
        flow_l_per_h: int = 1500,
        base_reading_l: int = 0,
        closed_share: float = 0.4,
        bounce_ns: int = NS_PER_MS,
        bounces: int = 4,
        jitter_share: float = 0.1,
        seed: int = 1,
    ):
        if bounce_ns > NS_PER_MS:
            raise ValueError("a reed contact bounces for 1 ms at most")
        self.flow_l_per_h = flow_l_per_h
        self.emitted = 0
        self._node = node
        self._gpio = gpio
        self._litres_per_pulse = litres_per_pulse
        self._base_reading_l = base_reading_l
        self._closed_share = closed_share
        self._bounce_ns = bounce_ns
        self._bounces = bounces
        self._jitter_share = jitter_share
        self._random = random.Random(seed)
        self._next: Cancel | None = None
        self._running = False
        self._closed = False
        self.log = TruthLog(node.clock.now_ns, self.dial)
        node.set_pin(gpio, _OPEN)

    @property
    def dial(self) -> Quantity:
        return Quantity(self._base_reading_l + self.emitted * self._litres_per_pulse, -3, "m3")

    @property
    def period_ns(self) -> int:
        return self._litres_per_pulse * 3600 * NS_PER_S // self.flow_l_per_h

    @property
    def settled(self) -> bool:
        """Stopped, and the contact open again: nothing more will happen on the pin."""
        return not self._running and not self._closed

    def start(self) -> None:
        """Let water run. The first pulse comes somewhere within the first turn of the wheel."""
        if self._running:
            return
        self._running = True
        if not self._closed:  # a contact still closed goes on turning by itself
            self._later(int(self.period_ns * self._random.uniform(0.1, 1)), self._close)

    def stop(self) -> None:
        """Shut the tap. A contact that is closed opens in its own time; no new pulse begins."""
        self._running = False
        if not self._closed and self._next:
            self._next()
            self._next = None

    def _close(self) -> None:
        # The wheel's speed varies a little; the drawn period is that of this turn.
        period_ns = int(
            self.period_ns * self._random.uniform(1 - self._jitter_share, 1 + self._jitter_share)
        )
        closed_ns = int(period_ns * self._closed_share)
        self.emitted += 1
        self.log.set(self._node.clock.now_ns, self.dial)
        self._closed = True
        self._edge(_CLOSED)
        self._later(closed_ns, lambda: self._open(period_ns - closed_ns))

    def _open(self, open_ns: int) -> None:
        self._closed = False
        self._edge(_OPEN)
        self._next = None
        if self._running:
            self._later(open_ns, self._close)

    def _edge(self, level: int) -> None:
        """The edge itself now, then pairs of false edges that end in `level` within the bounce."""
        self._node.set_pin(self._gpio, level)
        count = 2 * self._random.randint(0, self._bounces) if self._bounce_ns else 0
        times_ns = sorted(self._random.sample(range(1, self._bounce_ns + 1), count))
        for n, at_ns in enumerate(times_ns):
            bounced = level if n % 2 else 1 - level
            self._node.clock.call_later(at_ns, lambda bounced=bounced: self._set(bounced))

    def _set(self, level: int) -> None:
        self._node.set_pin(self._gpio, level)

    def _later(self, delay_ns: int, callback) -> None:
        self._next = self._node.clock.call_later(delay_ns, callback)
