"""Power cuts of the emulated Pico at random instants, while pulses come and commits run."""

from __future__ import annotations

import random
import struct
from binascii import crc32
from dataclasses import dataclass, replace

from converter.model.total import Total
from converter.store.record import ABSENT
from converter.store.totals import KeptTotal
from sibiao.node.pico.nor import FlashOperation

from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, WATER

BASE = 123450
_HALF_PERIOD_NS = 25 * MS  # 20 Hz
# Commits wait for 10 pulses, a second since the last, and a second for the uplink's rest;
# a write takes part of a second at worst.
LOSS_BOUND = 10 + 20 * 3
_PULSES = "<12xQ"  # store/record.py: header and owner; store/totals.py: pulses come first


@dataclass(frozen=True)
class Cut:
    """Pulses closed until the cut, in the record that the cut left, and after the restart."""

    at_ms: int
    torn: str  # "program", "erase" or "": what the cut interrupted
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
    """On a node at work: pulses at 20 Hz, a cut somewhere within six seconds, a new start.

    Odd seeds cut inside one of the next writes, if it comes by then.
    """
    cut = _cut(node, seed)
    asking.at_work(node)
    restored = asking.read(node, CONVERTER, "E0010900")
    assert asking.read(node, WATER, "00010000") == BASE + restored
    return replace(cut, restored=restored)


def cut_and_load(node, seed: int) -> Cut:
    """As `cut_once`, but the flash that the cut left is read by the firmware's own code here."""
    cut = _cut(node, seed)
    kept = KeptTotal(Total(1, 1, -2, 7), Found(node.files()), "total1", owner(WATER), (10, 5, 1))
    problem = kept.load()
    assert problem is None or (problem == ABSENT and cut.on_flash == 0), problem
    return replace(cut, restored=kept.total.net)


class Found:
    """A record keeper that finds what a board's flash holds."""

    def __init__(self, files: dict[str, bytes]):
        self._files = files

    def load(self, name: str) -> bytes | None:
        return self._files.get(f"/state/{name}") or None


def owner(address: str) -> bytes:
    return crc32(bytes.fromhex(address)[::-1]).to_bytes(4, "little")


def _cut(node, seed: int) -> Cut:
    rng = random.Random(seed)
    before = asking.read(node, CONVERTER, "E0010900")
    writes: list[FlashOperation] = []
    node.flash.on_operation = writes.append
    contact = _Contact(node)
    resets, start_ns = node.resets, node.clock.now_ns
    if seed % 2:
        node.flash.cut_at(rng.randrange(1, 12), part=rng.random())
    node.run_until(lambda: node.resets != resets, rng.randrange(500, 6000) * MS)
    torn = writes[-1].kind if node.resets != resets else ""
    contact.stop()
    if not torn:
        node.power_cut()
        node.run_until(lambda: node.resets != resets, 1000 * MS)
    node.flash.on_operation = None
    at_ms = (node.clock.now_ns - start_ns) // MS
    return Cut(at_ms, torn, before + contact.closed, pulses_on_flash(node.files()), -1)


def cut_an_erase(node, seed: int) -> Cut:
    """As `cut_once`, on a node whose next commit erases: the cut comes inside that erase."""
    writes: list[FlashOperation] = []
    part = random.Random(seed).uniform(0.05, 0.95)

    def operation(began: FlashOperation) -> None:
        if began.kind == "erase" and not any(w.kind == "erase" for w in writes):
            node.clock.call_later(int(began.busy_ns * part), node.power_cut)
        writes.append(began)

    before = asking.read(node, CONVERTER, "E0010900")
    node.flash.on_operation = operation
    contact = _Contact(node)
    resets, start_ns = node.resets, node.clock.now_ns
    assert node.run_until(lambda: node.resets != resets, 8000 * MS), "no erase came"
    contact.stop()
    node.flash.on_operation = None
    at_ms = (node.clock.now_ns - start_ns) // MS
    on_flash = pulses_on_flash(node.files())
    asking.at_work(node)
    restored = asking.read(node, CONVERTER, "E0010900")
    assert asking.read(node, WATER, "00010000") == BASE + restored
    return Cut(at_ms, writes[-1].kind, before + contact.closed, on_flash, restored)


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
