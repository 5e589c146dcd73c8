"""The highest pulse rate that a pin interrupt follows while the node does everything else.

Erases take no time here: what one costs is measured apart, in `erase_loss`, because it swamps all
else. Page programs, reads, the bus and collections are as ever.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from sibiao.node.pico.nor import FlashTiming
from sibiao.sim.electricity_meter import ElectricityMeter

from tests.bench import bench_node
from tests.bench.figure import Figure, figure
from tests.node import asking
from tests.node.asking import CONVERTER, PULSE_PIN, UPLINK, S

PULSES = "pulses"
LADDER_HZ = (50, 100, 150, 200, 250, 300, 350, 400, 500)
SLOW_LADDER_HZ = (20, 30, 40, 50, 60, 70, 80, 100)
TYPICAL_PROGRAM_NS, SLOWEST_PROGRAM_NS = 700_000, 3_000_000
PHASES = 16
_LEAST_PULSES = 1000  # over all phases
_TRAIN_S = 1.7  # a total is committed at least once in it
_GOLDEN = 0.618034  # multiples of it fall evenly, however many there are
_CORES = 2


@dataclass(frozen=True)
class Train:
    """What became of one train of pulses."""

    rate_hz: int
    emitted: int
    counted: int
    reads_tried: int
    reads_ok: int
    programs: int

    @property
    def whole(self) -> bool:
        """All counted, all reads answered, and totals were committed meanwhile."""
        return (
            self.counted == self.emitted
            and self.reads_ok == self.reads_tried > 0
            and self.programs > 0
        )


def measure(phases: int = PHASES) -> list[Figure]:
    return [
        highest("page program 0.7 ms", TYPICAL_PROGRAM_NS, LADDER_HZ, phases),
        highest("page program 3 ms, the slowest", SLOWEST_PROGRAM_NS, SLOW_LADDER_HZ, phases),
    ]


def highest(title: str, program_ns: int, ladder_hz: tuple[int, ...], phases: int) -> Figure:
    """By halves; then the rung found must hold at as many phases again, else the one below."""
    low, high = -1, len(ladder_hz)
    lost: Train | None = None
    while high - low > 1:
        middle = (low + high) // 2
        bad = _lost(_trains(ladder_hz[middle], program_ns, range(phases)))
        low, high, lost = (middle, high, lost) if bad is None else (low, middle, bad)
    while low >= 0:
        again = list(_trains(ladder_hz[low], program_ns, range(phases, 2 * phases)))
        bad = _lost(again)
        if bad is None:
            return _figure(title, ladder_hz, again, lost)
        low, lost = low - 1, bad
    raise AssertionError(f"pulses are lost on the lowest rung already: {lost}")


def _lost(trains) -> Train | None:
    return next((train for train in trains if not train.whole), None)


def _figure(title: str, ladder_hz, trains: list[Train], lost: Train | None) -> Figure:
    above = ""
    if lost:
        above = f"; at {lost.rate_hz} Hz {lost.emitted - lost.counted} of {lost.emitted} were lost"
    how = (
        f"highest rung of {', '.join(map(str, ladder_hz))} Hz with none lost at {2 * len(trains)} "
        f"phases; the last {len(trains)} trains: {sum(t.emitted for t in trains)} pulses, "
        f"{sum(t.programs for t in trains)} page programs, {sum(t.reads_ok for t in trains)} "
        f"reads all answered{above}. Square pulses, filter a quarter of the period, uplink read "
        "without pause, heat meter polled, erases in no time"
    )
    return figure(PULSES, f"highest rate with none lost, {title}", "Hz", [trains[0].rate_hz], how)


_node = None  # what the processes below are forked with


def _trains(rate_hz: int, program_ns: int, phases: range) -> Iterator[Train]:
    global _node
    _node = bench_node.at_work(bench_node.with_filter(1000 / rate_hz / 4))
    count = max(-(-_LEAST_PULSES // len(phases)), round(_TRAIN_S * rate_hz))
    pool = ProcessPoolExecutor(_CORES, mp_context=multiprocessing.get_context("fork"))
    try:
        delays_ns = [round(phase * _GOLDEN % 1 * S / rate_hz) for phase in phases]
        tasks = [pool.submit(_on_copy, rate_hz, count, program_ns, d) for d in delays_ns]
        for task in tasks:
            yield task.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _on_copy(*train) -> Train:
    return _node.forked(_send, *train)


def _send(node, rate_hz: int, count: int, program_ns: int, delay_ns: int) -> Train:
    flash = node.chip.flash
    flash.timing = FlashTiming(program_ns, sector_erase_ns=0, block_erase_ns=0)
    before = asking.read(node, CONVERTER, "E0010900")
    reader = ElectricityMeter(node.clock, node.line(UPLINK), bench_node.REGISTERS)
    reader.start()
    node.run(delay_ns)
    half_ns = S // rate_hz // 2
    programs = flash.programs
    train = node.edges(PULSE_PIN, ((half_ns, level) for _ in range(count) for level in (0, 1)))
    node.run_until(lambda: train.finished, 2 * count * half_ns + S)
    reader.stop()
    node.run_until(lambda: not reader.busy, 2 * S)
    programs = flash.programs - programs
    node.run(S)
    held = reader.collected.values()
    return Train(
        rate_hz=rate_hz,
        emitted=train.emitted // 2,
        counted=asking.read(node, CONVERTER, "E0010900") - before,
        reads_tried=sum(h.tried for h in held),
        reads_ok=sum(h.ok for h in held),
        programs=programs,
    )
