"""A few cells of the table of faults on a whole node: from the edges to the register that is read.

The filter is the sample's, 10 ms for either level, on the input that its board declares.
"""

import pytest
from sibiao.sim.pulse.fault_table import complaints
from sibiao.sim.pulse.faults import story
from sibiao.sim.pulse.player import PulsePlayer
from sibiao.sim.pulse.wiring import SINGLE, Wiring

from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, WATER, S

PULSES, ALARMS = "E0010900", "E0011100"


def holds(fault, node, seed=1):
    told = story(fault, Wiring(SINGLE), pulses=12, rate_hz=5, seed=seed)
    assert asking.read(node, CONVERTER, PULSES) == 0
    player = PulsePlayer(node, told, {"a": PULSE_PIN})
    reads = 0
    while not player.done:
        if player.busy:
            assert isinstance(asking.read(node, WATER, "00010000"), int)
            reads += 1
        else:
            node.run(50 * MS)
    node.run(S)
    assert reads > 0 or not told.busy
    register = asking.read(node, CONVERTER, PULSES)
    assert asking.read(node, WATER, "00010000") == 123450 + register
    events = {"an alarm"} if asking.read(node, CONVERTER, ALARMS) else set()
    assert complaints(told, register, events) == []
    return register - told.dial


def test_pulses_while_the_node_answers(run_on):
    assert run_on(lambda node: holds("pulses_in_transmission", node)) == 0


# The VM lives in the host's time, which is no measure for levels just below the filter's width.
@pytest.mark.pico
@pytest.mark.parametrize("fault", ("slow_edges", "emi_burst"))
def test_exact_to_the_width_of_the_filter(pico_at_work, fault):
    assert pico_at_work.forked(lambda node: holds(fault, node)) == 0


@pytest.mark.pico
def test_a_slow_swing_is_not_distinguishable(pico_at_work):
    assert pico_at_work.forked(lambda node: holds("swing_at_edge", node)) > 0
