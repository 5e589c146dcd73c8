"""The status LED tells the node's state from across the room."""

import itertools

import pytest
from sibiao.node.pico import EmulatedPico
from sibiao.sim.bus.heat_meter import HeatMeter

from tests.node import asking
from tests.node.asking import BUS, MS, WATER, S
from tests.node.test_supervisor import spoilt_files

pytestmark = [pytest.mark.pico, pytest.mark.takes(20)]

LED = 25


def flashes_ms(node, span_ns):
    """How long each light within the span lasted, and each darkness."""
    changes = []
    stop = node.watch_pin(LED, lambda level: changes.append((node.clock.now_ns, level)))
    node.run(span_ns)
    stop()
    spans = [
        (level, (end_ns - begin_ns) / MS)
        for (begin_ns, level), (end_ns, _) in itertools.pairwise(changes)
    ]
    return [ms for level, ms in spans if level], [ms for level, ms in spans if not level]


def near(values, wanted_ms):
    return bool(values) and all(abs(v - wanted_ms) <= 75 for v in values)


def test_states(pico_at_work):
    def body(node):
        meter = HeatMeter(
            node.clock, node.line(BUS), address=bytes.fromhex("11110017312151")[::-1]
        )
        node.run(3 * S)
        lit, dark = flashes_ms(node, 5 * S)
        assert near(lit, 50) and near(dark, 1950), ("running", lit, dark)

        assert asking.read(node, WATER, "00010000") == 123450
        node.run(2 * S)
        lit, dark = flashes_ms(node, 5 * S)
        assert near(lit, 1000) and near(dark, 1000), ("bound", lit, dark)

        meter.silent = True
        node.run(8 * S)
        lit, dark = flashes_ms(node, 5 * S)
        assert near(lit, 50) and near(sorted(dark)[:1], 200), ("meter silent", lit, dark)
        assert near(sorted(dark)[-1:], 1700), ("meter silent", lit, dark)

        node.console_write(b"\x03")
        node.run(2 * S)
        assert node.get_pin(LED) == 1
        assert flashes_ms(node, 2 * S) == ([], []), "maintenance"

    pico_at_work.forked(body)


def test_a_task_that_ended_is_a_fault(sample, pico_image):
    files = spoilt_files(sample, {"pulses": ((1000, "exception"),)})
    node = asking.at_work(EmulatedPico(pico_image, files))
    node.run(3 * S)
    lit, dark = flashes_ms(node, 2 * S)
    assert near(lit, 100) and near(dark, 100), ("fault", lit, dark)
