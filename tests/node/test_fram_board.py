"""A board that keeps its records on FRAM: nothing of them on the flash, and the same promises."""

import pytest
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.chips.fram import FramChip

from tests.node import asking
from tests.node.asking import CONVERTER, WATER, S
from tests.node.commanding import command
from tests.node.communities import FRAM, sample

pytestmark = pytest.mark.takes(20)


def _life(node):
    chip = FramChip(node)
    asking.at_work(node)
    asking.pulses(node, 12)
    node.run(3 * S)
    seen = {"flash": [path for path in node.flash_files() if path.startswith("/state/")]}
    node.power_cut()
    asking.at_work(node)
    seen["pulses"] = asking.read(node, CONVERTER, "E0010900")
    seen["starts"] = asking.read(node, CONVERTER, "E0002000")
    seen["written"] = chip.bytes_written
    node.attach_i2c(0, chip.ADDRESS, None)  # its solder joint breaks
    node.power_cut()
    asking.at_work(node)
    seen["broken"] = asking.exchange(node, asking.frame(WATER, 0x11, bytes.fromhex("00000100")))
    node.attach_i2c(0, chip.ADDRESS, chip)  # and holds again
    node.power_cut()
    asking.at_work(node)
    seen["back"] = asking.read(node, CONVERTER, "E0010900")
    chip.contents[:] = bytes(len(chip.contents))  # another chip
    node.power_cut()
    asking.at_work(node)
    seen["other"] = asking.exchange(node, asking.frame(WATER, 0x11, bytes.fromhex("00000100")))
    seen["fault"] = asking.report(node)["fault"]
    seen["restored"] = command(node, "restore 1 777")["index"]
    node.power_cut()
    asking.at_work(node)
    seen["index"] = asking.read(node, WATER, "00010000")
    return seen


def _judge(seen):
    assert seen["flash"] == []
    assert seen["pulses"] == 12 and seen["starts"] == 2
    assert seen["written"] > 200
    assert seen["broken"][0] == 0xD1, "what nobody can read is no number"
    assert seen["back"] == 12
    assert seen["other"] is None and seen["fault"] == "records lost: restore"
    assert seen["restored"] == seen["index"] == 777


@pytest.mark.vm
def test_on_the_vm():
    with VirtualNode(image_files(sample(board={"fram": FRAM}))) as node:
        _judge(_life(node))


@pytest.mark.pico
def test_a_power_cut_on_the_pico(pico_image):
    from sibiao.node.pico import EmulatedPico

    node = EmulatedPico(pico_image, image_files(sample(board={"fram": FRAM})))
    chip = FramChip(node)
    asking.at_work(node)
    asking.pulses(node, 12)
    node.run(3 * S)
    node.power_cut()
    asking.at_work(node)
    assert asking.read(node, CONVERTER, "E0010900") == 12
    assert chip.bytes_written > 200
    assert [path for path in node.files() if path.startswith("/state/")] == []
