"""Ten thousand reads of the whole node on the 32-bit VM: every one answered, no memory kept.

Real time, at 19200 baud so that it is minutes, not an hour; heap as large as a Pico's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sibiao.config.build import image_files
from sibiao.config.load import load
from sibiao.micropython import Runtime
from sibiao.node.vm.node import VmNode
from sibiao.sim.dlt645_reading import ReadItem
from sibiao.sim.electricity_meter import ElectricityMeter
from sibiao.sim.heat_meter import HeatMeter
from sibiao.sim.pulse_meter import PulseMeter

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, HEAT, MS, PULSE_PIN, UPLINK, WATER, S

BAUD = 19200
STEPS = 10
_PICO_HEAP = 246_080
_REPORTS = 24  # at any moment of the tasks: the least is what is kept for good
_STEP_LIMIT_NS = 600 * S
_ITEMS = (
    ReadItem("volume", WATER, "00010000", 8, 2, "m3"),
    ReadItem("energy", HEAT, "00010000", 8, 2, "kWh"),
    ReadItem("pulses", CONVERTER, "E0010900", 12, 0, ""),
)


@dataclass(frozen=True)
class Reads:
    tried: int
    ok: int
    pulses: int
    counted: int
    heaps: list[int]  # after each step, the least of some reports
    faults: dict[str, int]


def run(vm: Runtime, reads: int, stepped: Callable[[], None]) -> Reads:
    loaded = load("sample")
    uplink = loaded.uplink.model_copy(
        update={"line": loaded.uplink.line.model_copy(update={"baud": BAUD})}
    )
    files = image_files(replace(loaded, uplink=uplink))
    with VmNode(vm.path, files, heap_bytes=_PICO_HEAP) as node:
        asking.at_work(node)
        HeatMeter(node.clock, node.line(BUS), address=bytes.fromhex("11110017312151")[::-1])
        water = PulseMeter(node, PULSE_PIN, flow_l_per_h=36_000)
        node.run(4 * S)
        reader = ElectricityMeter(
            node.clock, node.line(UPLINK), _ITEMS, baud=BAUD, pause_ns=5 * MS
        )
        water.start()
        heaps = []
        for step in range(STEPS):
            _read_to(node, reader, reads * (step + 1) // STEPS)
            heaps.append(_least_heap(node))
            stepped()
        water.stop()
        node.run_until(lambda: water.settled, 2 * S)
        node.run(S)
        counted = _read_pulses(node, reader)
        held = reader.collected.values()
        faults: dict[str, int] = {}
        for item in held:
            for fault, n in item.faults.items():
                faults[fault] = faults.get(fault, 0) + n
        return Reads(
            sum(h.tried for h in held), sum(h.ok for h in held), water.emitted, counted, heaps,
            faults,
        )  # fmt: skip


def _read_to(node, reader: ElectricityMeter, total: int) -> None:
    def tried() -> int:
        return sum(held.tried for held in reader.collected.values())

    reader.start()
    if not node.run_until(lambda: tried() >= total, _STEP_LIMIT_NS):
        raise AssertionError(f"only {tried()} of {total} reads in {_STEP_LIMIT_NS / S:g} s")
    reader.stop()
    node.run_until(lambda: not reader.busy, S)


def _read_pulses(node, reader: ElectricityMeter) -> int:
    before = reader.collected["pulses"].tried
    reader.start()
    node.run_until(lambda: reader.collected["pulses"].tried > before, 5 * S)
    reader.stop()
    node.run_until(lambda: not reader.busy, S)
    return reader.collected["pulses"].last.value.value


def _least_heap(node) -> int:
    heaps = []
    for number in range(_REPORTS):
        node.run((37 + 61 * number % 400) * MS)
        heaps.append(asking.report(node)["heap"])
    return min(heaps)
