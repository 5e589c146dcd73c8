"""The highest pulse rate that a source follows while the node does everything else.

For interrupts, erases take no time here: what one costs is measured apart, in `erase_loss`,
because it swamps all else. Page programs, reads, the bus and collections are as ever.
"""

from __future__ import annotations

import dataclasses
import math
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from sibiao.config.load import Loaded
from sibiao.config.schema.pulse import Namur
from sibiao.node.pico.nor import FlashTiming
from sibiao.sim.uplink.electricity_meter import ElectricityMeter

from tests.bench import bench_node
from tests.bench.figure import Figure, figure
from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, UPLINK, S

PULSES = "pulses"
TYPICAL_PROGRAM_NS, SLOWEST_PROGRAM_NS = 700_000, 3 * MS
_NAMUR_PIN, _OPEN_MV, _CLOSED_MV = 26, 600, 2000
_NAMUR = Namur(cut_below_mv=200, open_below_mv=900, closed_above_mv=1500, short_above_mv=2800)
_GOLDEN = 0.618034  # multiples of it fall evenly, however many there are
_CORES = 2
_NEVER = 1 << 30


@dataclass(frozen=True)
class Case:
    """A source, what the flash costs it, and the rates that are tried."""

    title: str
    source: str
    ladder_hz: tuple[int, ...]
    timing: FlashTiming
    phases: int = 16
    train_s: float = 1.7  # a total is committed at least once in it
    saving: bool = True
    aim_hz: int | None = None
    least_pulses: int = 10_000  # over all trains that prove a rung
    note: str = "erases in no time"


CASES = (
    Case(
        "irq, page program 0.7 ms",
        "irq",
        (50, 100, 150, 200, 250, 300, 350, 400, 500),
        FlashTiming(TYPICAL_PROGRAM_NS, sector_erase_ns=0, block_erase_ns=0),
    ),
    Case(
        "irq, page program 3 ms, the slowest",
        "irq",
        (20, 30, 40, 50, 60, 70, 80, 100),
        FlashTiming(SLOWEST_PROGRAM_NS, sector_erase_ns=0, block_erase_ns=0),
    ),
    Case(
        "irq, between saves",
        "irq",
        (600, 1000, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000),
        FlashTiming(),
        train_s=0.7,
        saving=False,
        aim_hz=1000,
        note="nothing saved meanwhile",
    ),
    Case(
        "pio",
        "pio",
        (25_000, 50_000, 100_000, 125_000, 250_000),
        FlashTiming(SLOWEST_PROGRAM_NS, sector_erase_ns=400 * MS),
        phases=2,
        train_s=0.6,
        aim_hz=100_000,
        note="flash as slow as it can be: page program 3 ms, erase 400 ms",
    ),
    Case(
        "poll, every 5 ms",
        "poll",
        (10, 12, 16, 20, 25),  # config check lets no faster meter on a sampled input
        FlashTiming(SLOWEST_PROGRAM_NS, sector_erase_ns=0, block_erase_ns=0),
        phases=8,
        least_pulses=400,
        note="page program 3 ms, erases in no time",
    ),
    Case(
        "namur, every 5 ms",
        "namur",
        (10, 12, 16, 20, 25),  # config check lets no faster meter on a sampled input
        FlashTiming(SLOWEST_PROGRAM_NS, sector_erase_ns=0, block_erase_ns=0),
        phases=8,
        least_pulses=400,
        note="page program 3 ms, erases in no time",
    ),
)


@dataclass(frozen=True)
class Train:
    """What became of one train of pulses."""

    rate_hz: int
    emitted: int
    counted: int
    reads_tried: int
    reads_ok: int
    programs: int

    def whole(self, saving: bool) -> bool:
        """All counted, all reads answered, and totals were committed meanwhile, or none."""
        return (
            self.counted == self.emitted
            and self.reads_ok == self.reads_tried > 0
            and (self.programs > 0) == saving
        )


def measure(cases: tuple[Case, ...] = CASES) -> list[Figure]:
    return [highest(case) for case in cases]


def width_us(rate_hz: int) -> int:
    """A quarter of the period, in whole microseconds."""
    return math.ceil(1_000_000 / rate_hz / 4)


def loaded_for(source: str, width_us: int, saving: bool = True) -> Loaded:
    """The sample community with this source and filter. Without `saving` no total is committed
    but at a restart. What the schema would refuse goes past it."""
    loaded = bench_node.with_filter(width_us / 1000)
    other = {"source": source}
    if source == "namur":
        other |= {"gpio": _NAMUR_PIN, "active": "high", "namur": _NAMUR}
    community = loaded.community
    wired = next(p.wired_to for p in community.points if p.wired_to in loaded.board.pulse_inputs)
    inputs = {wired: loaded.board.pulse_inputs[wired].model_copy(update=other)}
    board = loaded.board.model_copy(update={"pulse_inputs": inputs})
    if not saving:
        rare = {"every_pulses": _NEVER, "at_least_every_s": _NEVER}
        save = community.policy.save.model_copy(update=rare)
        policy = community.policy.model_copy(update={"save": save})
        community = community.model_copy(update={"policy": policy})
    return dataclasses.replace(loaded, board=board, community=community)


def highest(case: Case) -> Figure:
    """By halves; then the rung found must hold at as many phases again, else the one below."""
    ladder_hz = case.ladder_hz
    low, high = -1, len(ladder_hz)
    lost: Train | None = None
    while high - low > 1:
        middle = (low + high) // 2
        bad = _lost(case, _trains(case, ladder_hz[middle], range(case.phases)))
        low, high, lost = (middle, high, lost) if bad is None else (low, middle, bad)
    while low >= 0:
        again = list(_trains(case, ladder_hz[low], range(case.phases, 2 * case.phases)))
        bad = _lost(case, again)
        if bad is None:
            return _figure(case, again, lost)
        low, lost = low - 1, bad
    raise AssertionError(f"{case.title}: pulses are lost on the lowest rung already: {lost}")


def _lost(case: Case, trains) -> Train | None:
    return next((train for train in trains if not train.whole(case.saving)), None)


def _figure(case: Case, trains: list[Train], lost: Train | None) -> Figure:
    above = ""
    if lost:
        above = f"; at {lost.rate_hz} Hz {lost.emitted - lost.counted} of {lost.emitted} were lost"
    rate_hz = trains[0].rate_hz
    how = (
        f"highest rung of {', '.join(map(str, case.ladder_hz))} Hz with none lost at "
        f"{2 * len(trains)} phases; the last {len(trains)} trains: "
        f"{sum(t.emitted for t in trains)} pulses, "
        f"{sum(t.programs for t in trains)} page programs, {sum(t.reads_ok for t in trains)} "
        f"reads all answered{above}. Square pulses, filter a quarter of the period "
        f"({width_us(rate_hz)} us), uplink read without pause, heat meter polled, {case.note}"
    )
    name = f"highest rate with none lost, {case.title}"
    return figure(PULSES, name, "Hz", [rate_hz], how, at_least=case.aim_hz)


class _Voltages:
    """As an EdgeTrain, of a contact with resistors before an ADC."""

    def __init__(self, node, half_ns: int, edges: int):
        self.emitted = 0
        self._node = node
        self._half_ns = half_ns
        self._edges = edges
        node.clock.call_later(half_ns, self._turn)

    @property
    def finished(self) -> bool:
        return self.emitted == self._edges

    def _turn(self) -> None:
        self._node.set_analog(_NAMUR_PIN, _OPEN_MV if self.emitted % 2 else _CLOSED_MV)
        self.emitted += 1
        if not self.finished:
            self._node.clock.call_later(self._half_ns, self._turn)


_node = None  # what the processes below are forked with


def _trains(case: Case, rate_hz: int, phases: range) -> Iterator[Train]:
    global _node
    _node = bench_node.at_work(loaded_for(case.source, width_us(rate_hz), case.saving))
    count = max(-(-case.least_pulses // len(phases)), round(case.train_s * rate_hz))
    pool = ProcessPoolExecutor(_CORES, mp_context=multiprocessing.get_context("fork"))
    try:
        delays_ns = [round(phase * _GOLDEN % 1 * S / rate_hz) for phase in phases]
        tasks = [pool.submit(_on_copy, case, rate_hz, count, d) for d in delays_ns]
        for task in tasks:
            yield task.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _on_copy(*train) -> Train:
    return _node.forked(_send, *train)


def _send(node, case: Case, rate_hz: int, count: int, delay_ns: int) -> Train:
    flash = node.chip.flash
    flash.timing = case.timing
    if case.source == "namur":
        node.set_analog(_NAMUR_PIN, _OPEN_MV)
        node.run(S)
    before = asking.read(node, CONVERTER, "E0010900")
    reader = ElectricityMeter(node.clock, node.line(UPLINK), bench_node.REGISTERS)
    reader.start()
    node.run(delay_ns)
    half_ns = S // rate_hz // 2
    programs = flash.programs
    if case.source == "namur":
        train = _Voltages(node, half_ns, 2 * count)
    else:
        train = node.edges(PULSE_PIN, ((half_ns, level) for _ in range(count) for level in (0, 1)))
    node.run_until(lambda: train.finished, 2 * count * half_ns + S)
    programs = flash.programs - programs
    reader.stop()
    node.run_until(lambda: not reader.busy, 2 * S)
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
