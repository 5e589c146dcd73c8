"""The simulated board is as strict as the chip that it poses as."""

import pytest
from sibiao.config import build
from sibiao.config.load import load
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking
from tests.node.asking import S

pytestmark = pytest.mark.vm

OF_OTHER_CHIPS = ("retrofit-pulses", "electronic-outputs", "one-dwelling", "mixed-water")


def answers(loaded):
    line = {"uart": loaded.board.uarts["uplink"].uart, "baud": loaded.uplink.line.baud}
    with VirtualNode(loaded) as node:
        node.run(3 * S)
        found = asking.exchange(node, asking.frame("aaaaaaaaaaaa", 0x13), **line)
        return found is not None, node


@pytest.mark.parametrize("name", OF_OTHER_CHIPS)
def test_firmware_for_the_rp2040_does_not_start_on_another_chip(name, monkeypatch):
    loaded = load(name)
    assert answers(loaded)[0]
    monkeypatch.setattr(build, "chip_source", lambda chip, source: source)
    started, node = answers(loaded)
    assert not started
    assert "failed; next try in 5 s" in node.printed
