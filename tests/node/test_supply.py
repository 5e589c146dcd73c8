"""Supply failing: what was counted is on the flash before the board dies, with nobody asking."""

import pytest
from sibiao.firmware.slot import image_files

from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, S
from tests.node.commanding import command
from tests.node.communities import SUPPLY, sample

pytestmark = pytest.mark.takes(20)

LOW_SUPPLY = 1 << 9
HOLD_UP_NS = SUPPLY["hold_up_ms"] * MS


def _fail(node):
    node.set_pin(SUPPLY["gpio"], 1)
    asking.at_work(node)
    seen = {}
    for life in range(2):
        for _ in range(7):  # fewer than the policy waits for
            node.set_pin(PULSE_PIN, 0)
            node.run(30 * MS)
            node.set_pin(PULSE_PIN, 1)
            node.run(30 * MS)
        programs = node.flash.programs
        start = node.clock.now_ns
        node.set_pin(SUPPLY["gpio"], 0)
        assert node.run_until(lambda: node.flash.programs > programs, HOLD_UP_NS)  # noqa: B023
        seen[life] = (node.clock.now_ns - start) // MS
        node.run(start + HOLD_UP_NS - node.clock.now_ns)
        node.power_cut()
        node.set_pin(SUPPLY["gpio"], 1)
        asking.at_work(node)
    return seen, asking.read(node, CONVERTER, "E0010900"), command(node, "clear 0")["cleared"]


@pytest.mark.pico
def test_nothing_is_lost(pico_image):
    from sibiao.node.pico import EmulatedPico

    files = image_files(sample(board={"supply": SUPPLY}, policy={"save": {"every_pulses": 1000}}))
    node = EmulatedPico(pico_image, files)
    seen, counted, alarms = _fail(node)
    assert counted == 14
    assert max(seen.values()) < 100, seen  # ms from the edge to the write
    assert alarms & LOW_SUPPLY


@pytest.mark.vm
def test_an_early_warning_that_was_none(on_vm):
    def body(node):
        node.set_pin(SUPPLY["gpio"], 1)
        asking.at_work(node)
        asking.pulses(node, 3)
        node.set_pin(SUPPLY["gpio"], 0)
        node.run(300 * MS)
        node.set_pin(SUPPLY["gpio"], 1)
        node.run(3 * S)
        asking.pulses(node, 3)
        return asking.read(node, CONVERTER, "E0010900"), command(node, "clear 0")["cleared"]

    counted, cleared = on_vm(body, image_files(sample(board={"supply": SUPPLY})))
    assert counted == 6 and cleared & LOW_SUPPLY
