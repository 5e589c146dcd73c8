"""The status LED tells the node's state from across the room."""

import statistics

import pytest
from sibiao.sim.heat_meter import HeatMeter

from tests.node import asking
from tests.node.asking import BUS, MS, WATER, S

pytestmark = pytest.mark.vm

LED = 25


def flashes_ms(node, span_ns):
    """How long each light within the span lasted, and each darkness, both in whole 25 ms."""
    lit, dark = [], []
    level, since = node.get_pin(LED), node.clock.now_ns
    end = since + span_ns
    whole = False  # the first level began before we looked
    while node.clock.now_ns < end:
        node.run(5 * MS)
        now = node.clock.now_ns
        if node.get_pin(LED) != level:
            if whole:
                (lit if level else dark).append(round((now - since) / MS / 25) * 25)
            whole = True
            level, since = node.get_pin(LED), now
    return lit, dark


def near(values, wanted_ms):
    # The middle one: a busy host now and then looks at the pin late.
    return bool(values) and abs(statistics.median(values) - wanted_ms) <= 50


def test_states(on_vm):
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

    on_vm(body)


def test_a_task_that_ended_is_a_fault(sample, on_vm):
    from tests.node.test_supervisor import spoilt_files

    def body(node):
        asking.at_work(node)
        node.run(3 * S)
        lit, dark = flashes_ms(node, 2 * S)
        assert near(lit, 100) and near(dark, 100), ("fault", lit, dark)

    on_vm(body, files=spoilt_files(sample, {"pulses": ((1000, "exception"),)}))
