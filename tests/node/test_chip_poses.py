"""The simulated board is as strict as the chip that it poses as."""

import pytest
from sibiao.config.load import load
from sibiao.firmware import slot
from sibiao.node.vm.virtual.board import posed

from tests.node import asking
from tests.node.asking import S

pytestmark = pytest.mark.vm

OF_OTHER_CHIPS = ("retrofit-pulses", "electronic-outputs", "one-dwelling", "mixed-water")


def answers(loaded):
    line = {"uart": loaded.board.uarts["uplink"].uart, "baud": loaded.uplink.line.baud}
    with posed(loaded) as node:
        node.run(3 * S)
        found = asking.exchange(node, asking.frame("aaaaaaaaaaaa", 0x13), **line)
        return found is not None, node.console_read()


@pytest.mark.parametrize("name", OF_OTHER_CHIPS)
def test_firmware_for_the_rp2040_does_not_start_on_another_chip(name, monkeypatch):
    loaded = load(name)
    assert answers(loaded)[0]
    monkeypatch.setattr(slot, "chip_source", lambda chip, source: source)
    started, printed = answers(loaded)
    assert not started
    assert b"failed; next try in 5 s" in printed


@pytest.mark.parametrize(
    ("name", "short_us", "long_us"),
    [
        ("four-water", 9_500, 10_700),
        ("electronic-outputs", 8, 16),
        ("one-dwelling", 9_500, 10_700),
    ],
    ids=["state machine", "counting unit", "interrupt"],
)
def test_each_source_of_a_chip_has_the_filter_of_its_meter(name, short_us, long_us):
    """The profile's filter is 10 ms, of the electronic output 12 us."""
    loaded = load(name)
    point = loaded.community.points[0]
    gpio = loaded.board.pulse_inputs[point.wired_to].gpio
    line = {"uart": loaded.board.uarts["uplink"].uart, "baud": loaded.uplink.line.baud}

    def pulse(node, closed_us):
        node.set_pin(gpio, 0)
        node.run(closed_us * 1000)
        node.set_pin(gpio, 1)
        node.run(S)

    def count(node):
        return asking.read(node, loaded.community.address, "E0010900", **line)

    with posed(loaded) as node:
        for pin in loaded.board.pulse_inputs.values():
            node.set_pin(pin.gpio, 1)
        node.run(3 * S)
        for _ in range(3):
            pulse(node, short_us)
        assert count(node) == 0
        for _ in range(4):
            pulse(node, long_us)
        assert count(node) == 4
