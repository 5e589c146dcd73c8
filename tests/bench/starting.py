"""From power to the first answer, and what a start needs of the heap."""

from __future__ import annotations

from sibiao.errors import SibiaoError
from sibiao.sim.uplink.dlt645_reading import find_frame

from tests.bench import bench_node
from tests.bench.collections_seen import Collection, CollectionsSeen, Collector
from tests.bench.figure import Figure, figure
from tests.bench.reads import HEAP
from tests.node import asking
from tests.node.asking import MS, UPLINK, S

START = "start"
_ASK_EVERY_MS = 100  # a request without preamble takes 73 ms
_LIMIT_NS = 5 * S
_AIM_MS = 1500
_REQUEST = asking.frame(asking.WATER, 0x11, bytes.fromhex("00010000")[::-1])


def measure(collector: Collector, phases: int) -> list[Figure]:
    flash = flash_with_records()
    step_ms = _ASK_EVERY_MS / phases
    answers_ms = [first_answer_ms(flash, step_ms * n) for n in range(phases)]
    first = first_collections(collector, flash)
    how = "seen by the emulator on the unchanged firmware"
    return [
        figure(
            START, "power to the first answer", "ms", answers_ms,
            f"asked every {_ASK_EVERY_MS} ms from the first moment on, at {phases} phases, until "
            "the first bit of an answer; records of an earlier run on the flash",
            at_most=_AIM_MS,
        ),
        figure(
            HEAP, "peak while starting", "bytes", [first[0].before_bytes],
            f"blocks in use when the first collection begins, {first[0].start_ns / 1e6:.0f} ms "
            f"after power, nothing having been collected before; {how}; the heap "
            f"has {collector.heap_bytes} bytes",
        ),
        figure(
            HEAP, "collections forced by want of memory while starting", "",
            [sum(c.automatic for c in first)], how, at_most=0,
        ),
    ]  # fmt: skip


def flash_with_records() -> bytes:
    """A board's flash after its first hours: events and a total are on it."""
    node = bench_node.at_work()
    asking.pulses(node, 12)
    node.run(7 * S)
    if "/state/total1" not in node.files():
        raise SibiaoError("the node committed no total within 7 s")
    return node.flash_bytes()


def first_answer_ms(flash: bytes, phase_ms: float) -> float:
    """First bit of the first answer, after power. The first requests find nobody listening."""
    node = bench_node.powered(flash=flash)
    line = node.line(UPLINK)
    line.settings(2400, "E")
    heard = bytearray()
    begun_ns: list[int] = []
    byte_ns = 11 * S // 2400

    def on_byte(byte: int) -> None:
        heard.append(byte)
        begun_ns.append(node.clock.now_ns - byte_ns)

    def ask() -> None:
        if not heard:
            line.send(_REQUEST)
            node.clock.call_later(_ASK_EVERY_MS * MS, ask)

    line.on_byte = on_byte
    node.clock.call_later(round(phase_ms * MS), ask)
    if not node.run_until(lambda: find_frame(heard) is not None, _LIMIT_NS):
        raise SibiaoError(f"no answer within {_LIMIT_NS / S:g} s of power")
    return begun_ns[0] / MS


def first_collections(collector: Collector, flash: bytes) -> list[Collection]:
    node = bench_node.powered(flash=flash)
    watch = CollectionsSeen(node, collector)
    asking.at_work(node)
    return watch.seen
