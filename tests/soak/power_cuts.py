"""Power cuts while pulses come, reads are answered and totals are committed.

One board lives from cut to cut. Half of the cuts come at a random instant, half in the middle of a
flash write, which is torn. After each the node must start, answer, and hold a total that is not
above the truth and not below the last record that stood whole on the flash before the cut.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

from sibiao.node.pico.nor import FlashOperation
from sibiao.sim.electricity_meter import ElectricityMeter
from sibiao.sim.pulse_meter import PulseMeter

from tests.bench import bench_node
from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, UPLINK, WATER, S

RECORD = "/state/total1"
POWER_ON = 1
_BASE = 123450  # the sample community's, in its last decimal
_PULSE_MS = 200  # longer than an erase: between cuts none may be lost
_WRITE_LIMIT_NS = 20 * S
_START_LIMIT_NS = 10 * S
_ASK_NS = 300 * MS


@dataclass(frozen=True)
class Cut:
    during: str  # "program", "erase" or "" for no write
    life_ms: float  # from the last start's first answer
    truth: int  # pulses at the moment of the cut
    committed: int  # in the last whole record before it
    restored: int

    @property
    def lost(self) -> int:
        return self.truth - self.restored


class Broken(AssertionError):
    """The converter did what a power cut must never make it do."""


class Life:
    """A node at work, cut again and again; `cuts` fills up."""

    def __init__(self, node, seed: int, longest_s: float = 6):
        self.node = node
        self.cuts: list[Cut] = []
        # The very first commit, which makes the file, has a test of its own.
        asking.pulses(node, 12)
        node.run(3 * S)
        self._longest_s = longest_s
        self._draw = random.Random(f"cuts {seed}")
        self._flash = node.chip.flash
        self._flash.on_operation = self._operation
        self._last = FlashOperation(0, "", 0, 0, 0, 0)
        self._records = [recorded(node)] * 2  # before and after the last flash operation
        self._at_cut: tuple[str, int, int] | None = None
        bench_node.heat_meter(node)
        self._water = PulseMeter(node, PULSE_PIN, flow_l_per_h=36_000_000 // _PULSE_MS, seed=seed)
        self._total = asking.read(node, CONVERTER, "E0010900")
        self._emitted_before = 0
        self._born_ns = node.clock.now_ns

    @property
    def truth(self) -> int:
        return self._total + self._water.emitted - self._emitted_before

    def run(self, cuts: int) -> list[Cut]:
        for number in range(cuts):
            self._live_and_die(in_write=bool(number % 2))
        return self.cuts

    def check_nothing_lost(self) -> int:
        """Without a cut, every pulse is counted: the bound above is a sharp one. The total."""
        reader = self._begin()
        self.node.run(3 * S)
        reader.stop()
        self._water.stop()
        self.node.run_until(lambda: self._water.settled, S)
        self.node.run(S)
        total = asking.read(self.node, CONVERTER, "E0010900")
        if total != self.truth:
            raise Broken(f"{total} counted of {self.truth} without a power cut")
        return total

    def _begin(self) -> ElectricityMeter:
        node = self.node
        self._emitted_before = self._water.emitted
        self._born_ns = node.clock.now_ns
        self._water.start()
        reader = ElectricityMeter(node.clock, node.line(UPLINK), bench_node.REGISTERS)
        reader.start()
        return reader

    def _live_and_die(self, in_write: bool) -> None:
        node = self.node
        reader = self._begin()
        resets = node.resets
        node.run(round(self._draw.uniform(0.2, self._longest_s) * S))
        if in_write:
            self._flash.cut_at(self._draw.randint(1, 3), self._draw.random())
            if not node.run_until(lambda: node.resets > resets, _WRITE_LIMIT_NS):
                raise Broken(f"no flash write came within {_WRITE_LIMIT_NS / S:g} s")
        else:
            node.power_cut()
        life_ms = (node.clock.now_ns - self._born_ns) / MS
        during, committed = self._what_was_under_way(in_write)
        truth = self.truth
        reader.stop()
        self._water.stop()
        restored = self._start()
        self.cuts.append(Cut(during, life_ms, truth, committed, restored))
        if not committed <= restored <= truth:
            raise Broken(f"total outside its bounds: {self.cuts[-1]}")
        self._total, self._emitted_before = restored, self._water.emitted

    def _operation(self, began: FlashOperation) -> None:
        # The flash already holds what this write will have made of it.
        self._last = began
        self._records = [self._records[1], recorded(self.node)]

    def _what_was_under_way(self, in_write: bool) -> tuple[str, int]:
        """The write that was torn and the total on record before it began, else after the last."""
        last = self._last
        torn = in_write or self.node.clock.now_ns < last.start_ns + last.busy_ns
        return (last.kind, self._records[0]) if torn else ("", self._records[1])

    def _start(self) -> int:
        """The node starts and answers; the total it came back with."""
        node = self.node
        limit_ns = node.clock.now_ns + _START_LIMIT_NS
        node.run(_ASK_NS)
        request = asking.frame(CONVERTER, 0x11, bytes.fromhex("E0010900")[::-1])
        while asking.exchange(node, request, _ASK_NS) is None:
            if node.clock.now_ns > limit_ns:
                raise Broken(f"no start after a power cut: {asking.console(node)}")
        node.run_until(lambda: self._water.settled, S)
        node.run(S)  # an answer to an earlier asking may still be on its way
        total = asking.read(node, CONVERTER, "E0010900")
        if not isinstance(total, int):
            raise Broken(f"the total is lost after a power cut; on record: {recorded(node)}")
        if asking.read(node, WATER, "00010000") != _BASE + total:
            raise Broken("index and pulses do not agree after a power cut")
        if asking.read(node, CONVERTER, "E0002100") != POWER_ON:
            raise Broken("a power cut is not reported as one")
        self._last = FlashOperation(0, "", 0, 0, 0, 0)
        self._records = [recorded(node)] * 2
        return total


def recorded(node) -> int:
    """The pulses in the record on the flash, 0 without one; read apart from the firmware."""
    data = node.files().get(RECORD)
    if not data:  # a file that is being made is there, and empty, until it is closed
        return 0
    # Header of 8 bytes, then pulses and base reading.
    pulses, base = struct.unpack_from("<QQ", data, 8)
    if base != _BASE:
        raise Broken(f"base reading {base} on record")
    return pulses
