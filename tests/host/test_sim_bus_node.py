"""A simulated bus at a running converter: the same meters on the VM and on the emulated Pico."""

import pytest
from sibiao.config.build import image_files
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.micropython import find_pico_image
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.bus_meter import Bus
from sibiao.sim.bus_named import meter_of

from tests.node import asking
from tests.node.asking import BUS, HEAT, S, at_work

METERS = (
    "heat-cjt188-1f90@11110017312151,energy=4711.25 kWh,fault=echo",
    "water-cjt188-901f@00000000000001",
)


def read_by(node):
    Bus(node.clock, node.line(BUS), [meter_of(text) for text in METERS])
    node.run(8 * S)
    return asking.read(node, HEAT, "00010000")


@pytest.mark.vm
def test_the_vm_reads_it():
    with VirtualNode(image_files(load("sample"))) as node:
        at_work(node)
        assert read_by(node) == 471125


@pytest.mark.pico
def test_the_emulated_pico_reads_it():
    from sibiao.node.pico import EmulatedPico

    try:
        image = find_pico_image(build=False).path
    except SibiaoError as error:
        pytest.skip(str(error))
    node = EmulatedPico(image, image_files(load("sample")))
    try:
        at_work(node)
        assert read_by(node) == 471125
    finally:
        node.close()
