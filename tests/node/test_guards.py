"""Tamper switch and cable loop: seen after they have held, latched until cleared, kept."""

import pytest
from sibiao.config.load import load
from sibiao.firmware.slot import image_files

from tests.node import asking
from tests.node.asking import MS, WATER, S
from tests.node.commanding import command, events
from tests.node.communities import sample

TAMPER_PIN, CABLE_PIN = 11, 10
TAMPER, CABLE_CUT = 5, 6
ALARM_EVENT, ALARM_BIT, GAP_BIT = 15, 64, 8


def _files():
    inputs = {n: {"gpio": p.gpio} for n, p in load("sample").board.pulse_inputs.items()}
    inputs |= {"tamper": {"gpio": TAMPER_PIN}, "cable": {"gpio": CABLE_PIN}}
    wired = {"tamper": "tamper", "cable": "cable"}
    return image_files(sample(board={"pulse_inputs": inputs}, water=wired))


def _closed(node):
    # Both closed to ground: the cover is on, the cable whole.
    node.set_pin(TAMPER_PIN, 0)
    node.set_pin(CABLE_PIN, 0)


def _life(node):
    _closed(node)
    asking.at_work(node)
    seen = {"sound": asking.read(node, WATER, "E0001100")}
    node.set_pin(TAMPER_PIN, 1)
    node.run(1500 * MS)  # shorter than believed
    node.set_pin(TAMPER_PIN, 0)
    node.run(1500 * MS)
    seen["brief"] = asking.read(node, WATER, "E0001100")
    node.set_pin(TAMPER_PIN, 1)
    node.set_pin(CABLE_PIN, 1)
    asking.pulses(node, 3)
    node.run(7 * S)
    seen["raised"] = asking.read(node, WATER, "E0001100")
    seen["status"] = asking.read(node, WATER, "E0004200")
    seen["index"] = asking.read(node, WATER, "00010000")
    _closed(node)
    node.run(3 * S)
    node.power_cut()
    asking.at_work(node)
    seen["latched"] = asking.read(node, WATER, "E0001100")
    seen["after"] = asking.read(node, WATER, "E0004200")
    seen["cleared"] = command(node, "clear 1")["cleared"]
    node.run(1500 * MS)
    seen["now"] = asking.read(node, WATER, "E0001100")
    seen["point"] = command(node, "point 1")["alarms"]
    seen["events"] = [event[:3] for event in events(node)]
    return seen


@pytest.mark.vm
def test_raised_latched_cleared(on_vm):
    seen = on_vm(_life, _files())
    both = 1 << TAMPER | 1 << CABLE_CUT
    assert seen["sound"] == seen["brief"] == 0
    assert seen["raised"] == both and seen["status"] & ALARM_BIT
    assert seen["index"] == 123453
    assert seen["latched"] == both, "what nobody has read yet outlives a power cut"
    assert seen["after"] == GAP_BIT, "it holds no longer"
    assert seen["cleared"] == both and seen["now"] == 0
    assert [seen["point"][bit][0] for bit in (TAMPER, CABLE_CUT)] == [1, 1]
    for bit in (TAMPER, CABLE_CUT):
        assert seen["events"].count((ALARM_EVENT, 1, bit)) == 1
