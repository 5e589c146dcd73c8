"""Power cuts of the emulated Pico at random instants, while pulses come and commits run."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, WATER

BASE = 123450
_HALF_PERIOD_NS = 25 * MS  # 20 Hz
# Commits wait for 10 pulses, a second since the last, and 1.5 s for the line's quiet at most;
# a write takes part of a second at worst.
LOSS_BOUND = 10 + 20 * 3
_PULSES = "<8xQ"  # store/record.py: header; store/totals.py: pulses come first


@dataclass(frozen=True)
class Cut:
    """Pulses closed until the cut, in the record that the cut left, and after the restart."""

    at_ms: int
    in_write: bool
    emitted: int
    on_flash: int
    restored: int

    @property
    def sound(self) -> bool:
        within = self.emitted - LOSS_BOUND <= self.restored <= self.emitted
        return within and self.restored == self.on_flash


def pulses_on_flash(files: dict[str, bytes]) -> int:
    record = files.get("/state/total1")
    return struct.unpack_from(_PULSES, record)[0] if record else 0


def cut_once(node, seed: int) -> Cut:
    """On a node at work: pulses at 20 Hz, a cut somewhere within six seconds, a new start."""
    rng = random.Random(seed)
    contact = _Contact(node)
    resets, start_ns = node.resets, node.clock.now_ns
    in_write = seed % 2 == 1
    if in_write:
        node.flash.cut_at(rng.randrange(1, 12), part=rng.random())
    node.run_until(lambda: node.resets != resets, rng.randrange(500, 6000) * MS)
    in_write = node.resets != resets
    contact.stop()
    if not in_write:
        node.power_cut()
        node.run_until(lambda: node.resets != resets, 1000 * MS)
    at_ms = (node.clock.now_ns - start_ns) // MS
    on_flash = pulses_on_flash(node.files())
    asking.at_work(node)
    restored = asking.read(node, CONVERTER, "E0010900")
    assert asking.read(node, WATER, "00010000") == BASE + restored
    return Cut(at_ms, in_write, contact.closed, on_flash, restored)


class _Contact:
    """Closes and opens at 20 Hz until stopped; then it is open."""

    def __init__(self, node):
        self.closed = 0
        self._node = node
        self._level = 1
        self._turn()

    def _turn(self):
        self._level ^= 1
        self.closed += self._level == 0
        self._node.set_pin(PULSE_PIN, self._level)
        self._next = self._node.clock.call_later(_HALF_PERIOD_NS, self._turn)

    def stop(self):
        self._next()
        self._node.set_pin(PULSE_PIN, 1)
