"""A board file that names a counter, on an image without one: interrupts count, and say so."""

import pytest
from sibiao.firmware.slot import image_files

from tests.node import asking
from tests.node.asking import WATER
from tests.node.commanding import events
from tests.node.communities import sample, sources

SOURCE_FALLBACK = 19
ELECTRONIC = {"min_active_ms": 0.01, "min_idle_ms": 0.01}


def _life(node):
    asking.at_work(node)
    asking.pulses(node, 7)
    return asking.read(node, WATER, "00010000"), [event[:2] for event in events(node)]


@pytest.mark.vm
def test_counts_by_interrupt(on_vm):
    board = {"pulse_inputs": sources("counter"), "counter_since": "1.29.0"}
    index, seen = on_vm(_life, image_files(sample(board=board, meter=ELECTRONIC)))
    assert index == 123457
    assert (SOURCE_FALLBACK, 1) in seen
