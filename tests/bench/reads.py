"""Reading the whole node over its uplink: turnaround, processor time, collections, heap."""

from __future__ import annotations

import itertools
import random
import statistics
from dataclasses import dataclass

from sibiao.sim.pulse.meter import PulseMeter

from tests.bench import bench_node, exchange
from tests.bench.collections_seen import Collection, CollectionsSeen, Collector
from tests.bench.exchange import CYCLE_NS, Exchange, Instant
from tests.bench.figure import Figure, figure
from tests.node import asking

UPLINK, HEAP = "uplink", "memory"
_PULSE_MS = 1000  # water runs meanwhile, so that totals are committed
_IDLE_S = 5
_CLOSE_MS = 60
HEAP_MOST_BYTES = 100_000  # of a community as shipped
_REPORTS = 8


@dataclass(frozen=True)
class Run:
    exchanges: list[Exchange]
    close: list[Exchange]
    thirds: list[list[Collection]]  # each with those of the quiet after it
    heaps: list[int]  # the node's own reports at the end
    load_share: float  # of the processor's time, over the last third's reads
    idle_share: float

    @property
    def collections(self) -> list[Collection]:
        return [collection for third in self.thirds for collection in third]


def measure(
    collector: Collector, seed: int, apart: int, thirds: int, quiet_s: int
) -> list[Figure]:
    """`apart` reads with pauses of every length, then more to three times `thirds` reads.

    After each third a quiet: a collection comes every second of it, at any moment of a task.
    """
    run = _run(collector, seed, apart, thirds, quiet_s)
    return _uplink(run, seed) + _processor(run) + _memory(run, collector)


def _run(collector: Collector, seed: int, apart: int, thirds: int, quiet_s: int) -> Run:
    node = bench_node.at_work(seed=seed)
    watch = CollectionsSeen(node, collector)
    before = Instant.now(node)
    node.run(_IDLE_S * asking.S)
    idle = _share(before, Instant.now(node))
    water = PulseMeter(node, asking.PULSE_PIN, flow_l_per_h=36000 * 1000 // _PULSE_MS, seed=seed)
    water.start()
    draw = random.Random(seed)
    spread, close, by_third = [], [], []
    for _ in range(3):
        watch.seen.clear()
        begun = Instant.now(node)
        for n in range(thirds):
            item = bench_node.REGISTERS[n % len(bench_node.REGISTERS)]
            far = len(spread) < apart
            exchange.pause(node, draw.uniform(20, 1500) if far else _CLOSE_MS)
            (spread if far else close).append(exchange.read(node, item))
        load = _share(begun, Instant.now(node))
        node.run(quiet_s * asking.S)
        by_third.append(list(watch.seen))
    heaps = [asking.report(node)["heap"] for _ in range(_REPORTS)]
    return Run(spread, close, by_third, heaps, load, idle)


def _share(start: Instant, end: Instant) -> float:
    return (end.cycles - start.cycles) * CYCLE_NS / (end.time_ns - start.time_ns)


def _during(collections: list[Collection], start: Instant, end: Instant) -> int:
    return sum(c.start_ns < end.time_ns and c.end_ns > start.time_ns for c in collections)


def _uplink(run: Run, seed: int) -> list[Figure]:
    everything = run.exchanges + run.close
    seen = run.collections
    between = sum(_during(seen, e.asked, e.answered) for e in everything)
    coming_in = sum(_during(seen, e.begun, e.asked) for e in everything)
    automatic = sum(c.automatic for c in seen)
    return [
        figure(
            UPLINK, "turnaround, reads 20 to 1500 ms apart", "ms",
            [e.turnaround_ns / 1e6 for e in run.exchanges],
            "last bit of the request to first bit of the answer, on the wire at 2400 baud 8E1; "
            f"four registers in turn, a pulse a second, heat meter polled; seed {seed}",
            at_least=20, at_most=40,
        ),
        figure(
            UPLINK, f"turnaround, reads {_CLOSE_MS} ms apart", "ms",
            [e.turnaround_ns / 1e6 for e in run.close], "as above", at_least=20, at_most=40,
        ),
        figure(
            UPLINK, "collections between request and answer", "", [between],
            "every call of the collector, seen by the emulator on the unchanged firmware: "
            f"{len(seen)} during {len(everything)} reads, {coming_in} of them while a request "
            f"came in; {automatic} because memory had run out",
            at_most=0,
        ),
        figure(
            UPLINK, "one collection", "ms", [(c.end_ns - c.start_ns) / 1e6 for c in seen],
            "from its beginning to the next call by the code that asked for it",
        ),
    ]  # fmt: skip


def _processor(run: Run) -> list[Figure]:
    everything = run.exchanges + run.close
    return [
        figure(
            UPLINK, "CPU time of one read", "ms", [e.busy_ns / 1e6 for e in everything],
            "cycles executed (none while asleep) from the request's last bit to the answer's "
            "first, 8 ns each; what other tasks did meanwhile is in it",
        ),
        figure(
            UPLINK, "CPU load while being read", "%", [100 * run.load_share],
            f"cycles executed over reads {_CLOSE_MS} ms apart, collections and bus polls in it",
        ),
        figure(
            UPLINK, "CPU load when nobody reads", "%", [100 * run.idle_share],
            f"cycles executed in {_IDLE_S} s, heat meter polled every 2 s",
        ),
    ]  # fmt: skip


def _memory(run: Run, collector: Collector) -> list[Figure]:
    # A collection finds the tasks in one of a few states, each with a size of its own; the least
    # of them is not met in every third, the commonest is, and a leak would shift them all.
    held = [statistics.mode(c.after_bytes for c in third) for third in run.thirds]
    reads = len(run.exchanges + run.close)
    return [
        figure(
            HEAP, "heap of the node, two metering points", "bytes", run.heaps,
            "the node's own report (ENQ) after a collection; the heap has "
            f"{collector.heap_bytes} bytes",
            at_most=HEAP_MOST_BYTES,
        ),
        figure(
            HEAP, "growth from one third of the reads to the next", "bytes",
            [after - before for before, after in itertools.pairwise(held)],
            f"{reads} reads; blocks in use in the heap's own table right after a collection, the "
            f"commonest figure of each third and its quiet: {', '.join(map(str, held))}",
            at_least=0, at_most=0,
        ),
        figure(
            HEAP, "most in use while being read", "bytes",
            [c.before_bytes for c in run.collections],
            "blocks in use right before each collection; one comes every 8 answers, and half the "
            "heap must stay free for what is larger than a read",
            at_most=collector.heap_bytes // 2,
        ),
    ]  # fmt: skip
