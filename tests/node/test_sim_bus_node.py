"""A simulated bus at a running converter: the same meters on the VM and on the emulated Pico."""

from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, HEAT, S

METERS = (
    "heat-cjt188-1f90@11110017312151,energy=4711.25 kWh,fault=echo",
    "water-cjt188-901f@00000000000001",
)


def test_it_is_read(run_on):
    def body(node):
        Bus(node.clock, node.line(BUS), [meter_of(text) for text in METERS])
        node.run(8 * S)
        return asking.read(node, HEAT, "00010000")

    assert run_on(body) == 471125
