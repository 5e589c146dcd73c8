"""One bus with several line settings, both links, a direction pin and a switched supply."""

import pytest
from sibiao.config import load
from sibiao.firmware.slot import image_files
from sibiao.sim.bus.heat_meter import HeatMeter

from tests.node import asking
from tests.node.asking import BUS, MS, UPLINK, S
from tests.node.bus_communities import (
    ENERGY,
    FALCON,
    HEAT,
    KAMSTRUP,
    VOLUME,
    WATER,
    changed,
    community,
    heat,
    on_vm,
    polls,
    status,
    telegram,
    water,
)
from tests.node.mbus_slaves import Bus, Slave

DIRECTION, SUPPLY, UPLINK_DIRECTION = 6, 7, 8


@pytest.mark.vm
def test_different_line_settings_on_one_bus():
    fast = changed(KAMSTRUP, line={"baud": 9600, "parity": "N"})

    def body(node):
        slaves = [Slave([telegram(FALCON)], 7), Slave([telegram(KAMSTRUP)], 8)]
        bus = Bus(node, BUS, slaves)

        def after(slave):
            # Whoever is asked next hears only its own settings. E5 is answered at the same ones.
            if slave.asked[-1] != 0x40:
                node.clock.call_later(600 * MS, lambda: retune(slave))

        def retune(slave):
            bus.line.settings(*((9600, "N") if slave is slaves[0] else (2400, "E")))

        bus.after = after
        polls(node, bus, 4)
        assert asking.read(node, WATER, VOLUME) == 123456
        assert asking.read(node, HEAT, ENERGY) == 3735100
        assert status(node, 1) == status(node, 2) == 0

    policy = {"poll_every_s": 3, "poll_tries": 3}
    on_vm(community(water(), heat(meter="fast"), meters={"fast": fast}, policy=policy), body)


@pytest.mark.vm
def test_both_links_on_one_bus():
    of_sample = load.load("sample").community.points[1]

    def body(node):
        cjt188 = HeatMeter(
            node.clock, node.line(BUS), address=bytes.fromhex(of_sample.meter_address)[::-1]
        )
        theirs = node.line(BUS).on_byte
        bus = Bus(node, BUS, [Slave([telegram(FALCON)], 7)])
        ours = bus.line.on_byte
        bus.line.on_byte = lambda byte: (theirs(byte), ours(byte))
        polls(node, bus, 3)
        assert asking.read(node, WATER, VOLUME) == 123456
        assert asking.read(node, HEAT, ENERGY) >= 3638493
        assert status(node, 1) == status(node, 2) == 0
        assert cjt188.requests >= 2

    heat_point = heat(meter=of_sample.meter, meter_address=of_sample.meter_address)
    on_vm(community(water(), heat_point), body)


def _watch_pins(node):
    """A bus whose every byte notes the pins; what is wrong with them is found out at the end."""
    slave = Slave([telegram(FALCON)], 7)
    bus = Bus(node, BUS, [slave])
    while_sending, while_answered = set(), set()
    bus.heard = lambda: while_sending.add((node.get_pin(DIRECTION), node.get_pin(SUPPLY)))
    bus.after = lambda _: while_answered.add((node.get_pin(DIRECTION), node.get_pin(SUPPLY)))
    polls(node, bus, 2)
    assert while_sending == {(1, 1)}
    assert while_answered == {(0, 1)}
    assert (node.get_pin(DIRECTION), node.get_pin(SUPPLY)) == (0, 0)
    assert asking.read(node, WATER, VOLUME) == 123456
    # Of the uplink as well: it is ours from the first byte of an answer to the last.
    node.line(UPLINK).send(asking.frame(WATER, 0x11, bytes.fromhex(VOLUME)[::-1]))
    assert node.get_pin(UPLINK_DIRECTION) == 0
    assert node.run_until(lambda: node.get_pin(UPLINK_DIRECTION) == 1, S)
    assert node.run_until(lambda: node.get_pin(UPLINK_DIRECTION) == 0, S)
    # Powered anew, so reset anew; and not before the meter has settled.
    raised = []

    def powered():
        if node.get_pin(SUPPLY):
            raised.append(node.clock.now_ns)
        return bool(raised)

    seen = len(bus.requests)
    assert node.run_until(powered, 3 * S)
    assert len(bus.requests) == seen
    assert node.run_until(lambda: len(bus.requests) > seen, 2 * S)
    at_ns, request = bus.requests[seen]
    assert request[1] == 0x40
    assert at_ns - raised[0] > 500 * MS


def _with_pins():
    slow = changed(FALCON, settle_ms=500)
    pins = {"direction": DIRECTION, "supply": SUPPLY}
    return community(
        water(meter="slow"),
        meters={"slow": slow},
        board=pins,
        uplink={"direction": UPLINK_DIRECTION},
    )


@pytest.mark.vm
def test_direction_and_supply_on_the_vm():
    on_vm(_with_pins(), _watch_pins)


@pytest.mark.pico
def test_direction_and_supply_on_the_pico(pico_image):
    from sibiao.node.pico import EmulatedPico

    _watch_pins(EmulatedPico(pico_image, image_files(_with_pins())))
