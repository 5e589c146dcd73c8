"""Four meters at 20 Hz with bounce on the emulated Pico, read and committed meanwhile: nothing may
be lost, and what it costs is measured."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sibiao.config.load import load
from sibiao.firmware.slot import image_files
from sibiao.node.pico import EmulatedPico
from sibiao.node.pico.nor import FlashOperation
from sibiao.sim.chips.rtc import Ds3231
from sibiao.sim.uplink.dlt645_reading import ReadItem
from sibiao.sim.uplink.electricity_meter import ElectricityMeter

from tests.bench import bench_node
from tests.bench.exchange import CYCLE_NS, Instant
from tests.bench.figure import Figure, figure
from tests.bench.pulse_rate import PULSES
from tests.node import asking
from tests.node.asking import MS, UPLINK, S

CONVERTER = "000000000004"
GPIOS = (15, 14, 13, 12)
SUPPLY_PIN = 22
RATE_HZ = 20
_BOUNCE_NS = 1 * MS
_REGISTERS = tuple(
    ReadItem(f"pulses {n}", CONVERTER, f"E00{n}0900", 12, 0, "") for n in range(1, 5)
)


@dataclass(frozen=True)
class Run:
    emitted: list[int]
    counted: list[int]
    tried: int
    answered: int
    commits: int
    longest_commit_ms: int
    busy_ns: list[int]  # of the flash, each commit's operations together
    erases: int
    share: float  # of the processor's time

    @property
    def whole(self) -> bool:
        return self.counted == self.emitted and self.tried == self.answered > 0


def run(pulses: int, seed: int = 1) -> Run:
    """`pulses` on each of four inputs."""
    node = EmulatedPico(bench_node.image().path, image_files(load("four-water")), seed=seed)
    Ds3231(node)
    for gpio in (*GPIOS, SUPPLY_PIN):
        node.set_pin(gpio, 1)
    assert any(_answers(node) for _ in range(30)), asking.console(node)
    node.run(2 * S)  # what was asked while it started has been answered
    before = [asking.read(node, CONVERTER, item.di) for item in _REGISTERS]
    writes: list[FlashOperation] = []
    node.flash.on_operation = writes.append
    reader = ElectricityMeter(node.clock, node.line(UPLINK), _REGISTERS)
    reader.start()
    begun = Instant.now(node)
    trains = [node.edges(gpio, _bouncing(pulses, seed + gpio)) for gpio in GPIOS]
    node.run_until(lambda: all(t.finished for t in trains), 2 * pulses * S // RATE_HZ)
    ended = Instant.now(node)
    reader.stop()
    node.run_until(lambda: not reader.busy, 2 * S)
    node.run(S)
    node.flash.on_operation = None
    held = reader.collected.values()
    return Run(
        emitted=[pulses] * 4,
        counted=[
            asking.read(node, CONVERTER, item.di) - b
            for item, b in zip(_REGISTERS, before, strict=True)
        ],
        tried=sum(h.tried for h in held),
        answered=sum(h.ok for h in held),
        commits=asking.read(node, CONVERTER, "E0002500"),
        longest_commit_ms=asking.read(node, CONVERTER, "E0002700"),
        busy_ns=_commits(writes),
        erases=sum(w.kind == "erase" for w in writes),
        share=(ended.cycles - begun.cycles) * CYCLE_NS / (ended.time_ns - begun.time_ns),
    )


def measure(pulses: int = 1500) -> list[Figure]:
    seen = run(pulses)
    total = sum(seen.counted)
    how = (
        f"{sum(seen.emitted)} pulses, {total} counted, bounce of up to 1 ms at every edge, "
        f"{seen.tried} reads of which {seen.answered} answered, {seen.commits} commits; community "
        "four-water, inputs by pio, page program 0.7 ms, sector erase 60 ms"
    )
    lost = sum(abs(c - e) for c, e in zip(seen.counted, seen.emitted, strict=True))
    return [
        figure(PULSES, "lost or extra, 20 Hz on 4 inputs", "pulses", [lost], how, at_most=0),
        figure(PULSES, "CPU share, 20 Hz on 4 inputs", "%", [100 * seen.share], "as above"),
        figure(
            PULSES, "commit latency", "ms", [ns / 1e6 for ns in seen.busy_ns],
            "from the first flash operation of a commit to the end of its last; the longest whole "
            f"commit by the node's own clock took {seen.longest_commit_ms} ms",
        ),
        figure(
            PULSES, "erases per million pulses", "", [seen.erases * 1_000_000 / total],
            f"{seen.erases} erases seen by the flash; a total is written every 20 pulses, not "
            "twice in 2 s",
        ),
    ]  # fmt: skip


def _answers(node) -> bool:
    request = asking.frame(CONVERTER, 0x11, bytes.fromhex("00201000"))
    try:
        return asking.exchange(node, request, 300 * MS) is not None
    except AssertionError:
        return False


def _bouncing(pulses: int, seed: int):
    # (delay, level): each edge at its time, then pairs of false edges within a millisecond.
    draw = random.Random(seed)
    half_ns = S // RATE_HZ // 2
    passed = draw.randrange(half_ns)
    waited = -passed
    for _ in range(pulses):
        for level in (0, 1):
            times = sorted(draw.sample(range(1, _BOUNCE_NS), 2 * draw.randint(0, 3)))
            yield half_ns - waited, level
            last = 0
            for n, at_ns in enumerate(times):
                yield at_ns - last, level if n % 2 else 1 - level
                last = at_ns
            waited = last


def _commits(writes: list[FlashOperation]) -> list[int]:
    # Operations closer than 20 ms to the one before belong to one commit.
    spans: list[list[int]] = []
    for w in writes:
        end = w.start_ns + w.busy_ns
        if spans and w.start_ns - spans[-1][1] < 20 * MS:
            spans[-1][1] = end
        else:
            spans.append([w.start_ns, end])
    return [end - start for start, end in spans]
