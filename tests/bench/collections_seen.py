"""Every garbage collection of the running firmware, seen from outside: nothing in it is changed.

The emulator tells each call that the processor makes, and its RAM can be read beside the firmware.
Which call is a collection, and where the heap's table of blocks lies, is in `image_facts`.
"""

from __future__ import annotations

from dataclasses import dataclass

_RAM = 0x20000000
BLOCK_BYTES = 16
# Blocks in use that one byte of the table tells of: two bits a block, 0 is free.
_IN_USE = bytes(sum(byte >> shift & 3 != 0 for shift in (0, 2, 4, 6)) for byte in range(256))


@dataclass(frozen=True)
class Collector:
    """Where the collector is in an image: return addresses of the call that `gc.collect` makes
    and of the first one that the collector itself makes, and the heap's table of blocks."""

    explicit_lr: int
    collector_lr: int
    table: int
    heap_bytes: int


@dataclass(frozen=True)
class Collection:
    start_ns: int
    end_ns: int  # when the code that caused it makes its next call
    automatic: bool  # an allocation found no room
    before_bytes: int  # of the heap in use
    after_bytes: int


class CollectionsSeen:
    """Listens to a node from now on; `seen` fills up."""

    def __init__(self, node, collector: Collector):
        self.seen: list[Collection] = []
        self._node = node
        self._collector = collector
        self._caller = 0, 0  # the last call's return address and stack pointer
        self._start: tuple[int, bool, int] | None = None
        self._caller_sp = 0
        node.chip.mcu.core.bl_taken = self._called

    def _called(self, core, _blx) -> None:
        lr, sp = core.lr, core.sp
        if self._start is not None and sp >= self._caller_sp:
            collection = Collection(
                self._start[0], self._node.clock.now_ns, *self._start[1:], self._in_use()
            )
            self._start = None
            self.seen.append(collection)
        if lr == self._collector.collector_lr:
            automatic = self._caller[0] != self._collector.explicit_lr
            self._caller_sp = self._caller[1]
            self._start = self._node.clock.now_ns, automatic, self._in_use()
        self._caller = lr, sp

    def _in_use(self) -> int:
        return in_use(self._node, self._collector.table, self._collector.heap_bytes)


def in_use(node, table: int, heap_bytes: int) -> int:
    """Bytes of the heap in use, from the table of blocks at this address."""
    start = table - _RAM
    size = heap_bytes // BLOCK_BYTES // 4
    return BLOCK_BYTES * sum(bytes(node.chip.mcu.sram[start : start + size]).translate(_IN_USE))


def largest_free(node, table: int, heap_bytes: int) -> int:
    """Bytes of the longest run of free blocks."""
    start = table - _RAM
    longest = run = 0
    for byte in bytes(node.chip.mcu.sram[start : start + heap_bytes // BLOCK_BYTES // 4]):
        for shift in (0, 2, 4, 6):
            run = 0 if byte >> shift & 3 else run + 1
            longest = max(longest, run)
    return BLOCK_BYTES * longest
