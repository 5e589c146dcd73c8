"""Two contacts on one wheel, on a whole node: the register equals the dial, forwards and back."""

import pytest
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking
from tests.node.asking import MS, WATER
from tests.node.commanding import command
from tests.node.communities import sample, sources

pytestmark = pytest.mark.takes(20)

A, B = 15, 14
MAGNET = 1 << 8
BASE = 123450


def _loaded(contacts, kind):
    return sample(
        board={"pulse_inputs": sources(kind)},
        meter={"contacts": contacts},
        water={"wired_to": ["pulse1", "pulse2"]},
    )


def _turn(node, order, turns, step_ns=20 * MS):
    # order: levels of (A, B) one after the other, 1 closed; a closed contact pulls to ground.
    for _ in range(turns):
        for a, b in order:
            node.set_pin(A, 1 - a)
            node.set_pin(B, 1 - b)
            node.run(step_ns)


FORWARD = ((1, 0), (1, 1), (0, 1), (0, 0))
BACK = ((0, 1), (1, 1), (1, 0), (0, 0))
IN_TURN = ((1, 0), (0, 0), (0, 1), (0, 0))


def _quadrature(node):
    node.set_pin(B, 1)
    asking.at_work(node)
    _turn(node, FORWARD, 9)
    node.run(200 * MS)  # a way back within one look would be seen as not gone
    _turn(node, BACK, 4)
    for _ in range(10):  # the wheel stops at an edge and swings
        _turn(node, ((1, 0), (0, 0)), 1)
    node.run(300 * MS)
    return (
        asking.read(node, WATER, "00010000"),
        asking.read(node, WATER, "E0000A00"),
        asking.read(node, WATER, "E0000B00"),
        asking.read(node, WATER, "E0001100"),
    )


def _in_turn(node):
    node.set_pin(B, 1)
    asking.at_work(node)
    _turn(node, IN_TURN, 7)
    for _ in range(10):
        _turn(node, ((1, 0), (0, 0)), 1)
    node.run(300 * MS)
    swung = asking.read(node, WATER, "00010000")
    _turn(node, ((1, 1),), 1, 2000 * MS)  # a magnet
    _turn(node, ((0, 0),), 1, 300 * MS)
    return swung, asking.read(node, WATER, "00010000"), command(node, "clear 1")["cleared"]


def _on(kind, pico_image, loaded, body):
    if kind == "vm":
        with VirtualNode(image_files(loaded)) as node:
            return body(node)
    from sibiao.node.pico import EmulatedPico

    return body(EmulatedPico(pico_image, image_files(loaded)))


NODES = [
    pytest.param("vm", "irq", marks=pytest.mark.vm),
    pytest.param("pico", "pio", marks=pytest.mark.pico),
]


@pytest.mark.parametrize(("node", "source"), NODES)
def test_net_equals_the_dial(request, node, source):
    image = request.getfixturevalue("pico_image") if node == "pico" else None
    net, forward, reverse, alarms = _on(node, image, _loaded("quadrature", source), _quadrature)
    assert net == BASE + 9 - 4
    assert (forward, reverse) == (9, 4)
    assert alarms == 0


@pytest.mark.parametrize(("node", "source"), NODES)
def test_contacts_in_turn(request, node, source):
    image = request.getfixturevalue("pico_image") if node == "pico" else None
    swung, after, cleared = _on(node, image, _loaded("sequence", source), _in_turn)
    assert swung == BASE + 7, "a contact that swings alone is no pulse"
    assert after == BASE + 7
    assert cleared & MAGNET
