"""What was not counted is said: after a power cut, a restart that was wanted, a maintenance."""

import pytest

from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, WATER, S
from tests.node.commanding import command, events
from tests.node.kinds import long_on_pico

pytestmark = pytest.mark.takes(20)

NO_DATA = b"\x02"
GAP, LEVEL_CHANGED = 12, 13
GAP_BIT, UNKNOWN = 8, 0xFFFFFFFF


def _gaps(node):
    return [(value, since) for code, point, value, since in events(node, 8) if code == GAP]


def _cut_without_a_clock(node):
    assert asking.read(node, WATER, "E0000F00") == 0
    node.run(2 * S)  # an interrupt may lose a pulse in a new board's first commits
    asking.pulses(node, 12)
    node.run(3 * S)
    node.power_cut()
    asking.at_work(node)
    return {
        "status": asking.read(node, WATER, "E0004200"),
        "gap": asking.read(node, WATER, "E0000F00"),
        "pulses": asking.read(node, CONVERTER, "E0010900"),
        "events": _gaps(node),
        "dial": command(node, "dial 1 123470 corrected"),
        "after": (asking.read(node, WATER, "E0000F00"), asking.read(node, WATER, "E0004200")),
        "index": asking.read(node, WATER, "00010000"),
    }


@long_on_pico
def test_without_a_clock_the_bound_is_unknown_until_the_dial_is_entered(run_on):
    seen = run_on(_cut_without_a_clock)
    assert seen["status"] == GAP_BIT
    assert seen["gap"] == NO_DATA, "a bound that nobody knows must be no number"
    assert seen["pulses"] == 12
    assert seen["events"] == [(UNKNOWN, 0)]
    assert seen["dial"]["gap"] == 0 and seen["dial"]["index"] == 123470
    assert seen["after"] == (0, 0)
    assert seen["index"] == 123470


def _maintenance_and_back(node):
    before = asking.read(node, WATER, "00010000")
    node.run(2 * S)  # as above
    asking.pulses(node, 3)
    node.console_write(b"\x03")
    node.run(3 * S)  # at the prompt: nothing is counted
    asking.pulses(node, 2)
    node.console_write(b"\x03\r\nimport machine; machine.reset()\r\n")
    asking.at_work(node)
    return {
        "counted": asking.read(node, WATER, "00010000") - before,
        "cause": asking.read(node, CONVERTER, "E0002100"),
        "events": _gaps(node),
    }


@long_on_pico
def test_a_maintenance_is_a_gap_and_nothing_counted_before_it_is_lost(run_on):
    seen = run_on(_maintenance_and_back)
    assert seen["counted"] == 3
    assert seen["cause"] == 4
    assert seen["events"] == [(UNKNOWN, 0)]


def _level_changed(node):
    asking.pulses(node, 12)
    node.run(3 * S)
    node.set_pin(PULSE_PIN, 0)
    node.power_cut()
    node.run(100 * MS)
    found = []
    bus = node.line(asking.BUS)
    bus.on_byte = found.append
    assert node.run_until(lambda: bool(found), 10 * S)
    return asking.read(node, CONVERTER, "E0010900"), [e[:2] for e in events(node, 8)]


@pytest.mark.vm
def test_a_contact_that_closed_across_the_gap_is_told_and_not_counted(on_vm):
    counted, told = on_vm(_level_changed)
    assert counted in (12, 13)  # 13 if the closing was counted before the cut took effect
    assert (LEVEL_CHANGED, 1) in told
