"""Finds the collector and the heap in a MicroPython image, without symbols.

`id(gc.collect)` at the prompt is the function object, which names its machine code; the first
call made there enters the collector, and the collector's own first call is the mark: both
`gc.collect()` and an allocation that finds no room pass by it. The table of blocks ends where the
heap begins, up to some slack; its start is the address at which the count of blocks in use agrees
with `gc.mem_alloc()`. All of it is proved on the image before it is used.
"""

from __future__ import annotations

import re

from tests.bench import bench_node
from tests.bench.collections_seen import BLOCK_BYTES, CollectionsSeen, Collector, in_use

_FLASH, _RAM = 0x10000000, 0x20000000
_SLACK_BYTES = 128
_READ_IN_USE = "gc.collect();x=gc.mem_alloc()\nprint(x)"
_LOADS = ("y=None", "y=bytearray(100000)", "y=[bytearray(10) for i in range(500)]")


class ImageNotUnderstood(Exception):
    """The collector of this image is not where it was looked for."""


def find_collector() -> Collector:
    """Of the image that the bench runs."""
    board = bench_node.powered(files={})
    board.boot()
    board.exec_raw("import gc, micropython")
    return collector_of(board)


def collector_of(board) -> Collector:
    """`board` is booted, and has imported gc and micropython."""
    heap_bytes = int(board.exec_raw("print(gc.mem_alloc() + gc.mem_free())"))
    layout = re.search(r"from (?:0x)?([0-9a-f]+):", board.exec_raw("micropython.mem_info(1)"))
    if not layout:
        raise ImageNotUnderstood("mem_info(1) does not say where the heap is")
    marks = board.forked(_calls_of_a_collection)
    pool = int(layout[1], 16)
    table = _table(board, marks, pool, heap_bytes)
    collector = Collector(*marks, table, heap_bytes)
    _prove(board, collector)
    return collector


def _calls_of_a_collection(board) -> tuple[int, int]:
    entry = _code_of(board, int(board.exec_raw("print(id(gc.collect))")))
    after: list[int] = []
    inside = False

    def called(core, _blx):
        nonlocal inside
        if inside and len(after) < 2:
            after.append(core.lr)
        inside = inside or core.pc == entry

    board.chip.mcu.core.bl_taken = called
    board.exec_raw("gc.collect()")
    if len(after) != 2:
        raise ImageNotUnderstood("gc.collect() makes no call")
    return after[0], after[1]


def _code_of(board, function: int) -> int:
    """Of a builtin without arguments: its type, then the address of its code (bit 0: Thumb)."""
    mcu = board.chip.mcu
    memory, start = (mcu.flash, _FLASH) if function < _RAM else (mcu.sram, _RAM)
    at = function + 4 - start
    return int.from_bytes(bytes(memory[at : at + 4]), "little") & ~1


def _table(board, marks: tuple[int, int], pool: int, heap_bytes: int) -> int:
    blocks = heap_bytes // BLOCK_BYTES
    # Behind the table: one bit a block for finalisers.
    latest = pool - blocks // 4 - blocks // 8
    candidates = set(range(latest - _SLACK_BYTES, latest + 1))
    for load in _LOADS:
        candidates &= board.forked(_agreeing, marks, candidates, heap_bytes, load)
    if not candidates:
        raise ImageNotUnderstood("the table of blocks is not before the heap")
    # Bytes of nothing may stand before it; its own first byte is never nothing.
    return max(candidates)


def _agreeing(board, marks, candidates: set[int], heap_bytes: int, load: str) -> set[int]:
    counts: dict[int, int] = {}

    class Counting(CollectionsSeen):
        def _in_use(self) -> int:
            counts.update({at: in_use(board, at, heap_bytes) for at in candidates})
            return 0

    board.exec_raw(load)
    Counting(board, Collector(*marks, 0, heap_bytes))
    used = int(board.exec_raw(load + "\n" + _READ_IN_USE))
    return {at for at in candidates if counts[at] == used}


def _prove(board, collector: Collector) -> None:
    seen = board.forked(_try, collector)
    if seen != (3, 0, True, 0):
        raise ImageNotUnderstood(f"collections are not seen as they happen: {seen}")


def _try(board, collector: Collector) -> tuple[int, int, bool, int]:
    """(collections asked for, automatic ones among them, all automatic when memory runs out,
    seen while nothing is collected)."""
    watch = CollectionsSeen(board, collector)

    def seen_in(code: str) -> list[bool]:
        watch.seen.clear()
        board.exec_raw(code)
        return [c.automatic for c in watch.seen]

    asked = seen_in("for i in range(3): gc.collect()")
    full = seen_in("for i in range(40): x = bytearray(20000)")
    seen_in("gc.collect()")
    none = seen_in("for i in range(40): x = bytearray(20)")
    return len(asked), sum(asked), bool(full) and all(full), len(none)
