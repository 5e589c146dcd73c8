"""The bench's stand with hardware: a module and a generator behind ports, in real time."""

import dataclasses

import pytest
from sibiao.config.load import load
from sibiao.lab.record import CannotDo
from sibiao.lab.stands.hardware import channels_of, on_ports
from sibiao.lab.stands.reading import Uplink
from sibiao.sim.uplink.dlt645_reading import made_frame

from tests.node.lab_world import World, square

pytestmark = [pytest.mark.vm, pytest.mark.takes(30)]


@pytest.fixture(scope="module")
def world(sample):
    with World(sample) as world:
        yield world


@pytest.fixture(scope="module")
def stand(world, sample):
    stand = on_ports(sample, world.console, world.uplink, world.generator, {"bus": world.bus})
    yield stand
    stand.close()


def test_pulses_of_the_generator_are_counted(stand):
    uplink = Uplink(stand)
    before = uplink.count("pulses", 1)
    began_s = stand.now_s()
    stand.pulses({"pulse1": square(8, half_ms=150)})
    with pytest.raises(CannotDo, match="one train at a time"):
        stand.pulses({"pulse1": square(1)})
    stand.run(3.5)
    assert uplink.count("pulses", 1) - before == 8
    assert 3.5 <= stand.now_s() - began_s < 30
    # The line's log has what was asked and answered.
    assert "uplink   > fe fe fe fe 68" in stand.log.text()
    assert "uplink   < fe fe fe fe 68" in stand.log.text()


def test_a_gateway_keeps_its_rate(stand):
    for other in ({"baud": 9600}, {"parity": "N"}):
        with pytest.raises(CannotDo, match="is a gateway, whose line keeps its rate"):
            stand.uplink_exchange(made_frame("A" * 12, 0x13), **other)
    answer, delay_ms = stand.uplink_exchange(made_frame("A" * 12, 0x13), baud=2400, parity="E")
    assert answer.endswith(b"\x16") and delay_ms > 0


def test_supply_gone_and_back(stand):
    uplink = Uplink(stand)
    starts = uplink.count("starts", 0)
    stand.power_cut()
    assert uplink.awake(60) is not None
    assert uplink.count("starts", 0) > starts
    report = stand.console().report()
    assert report["address"] == stand.loaded.community.address
    facts = stand.facts()
    assert (facts.serial, facts.community) == (stand.loaded.community.serial, "sample")


def _who(stand, number):
    return number, Uplink(stand).who()


def test_copies_are_the_module_itself_one_after_the_other(stand):
    own = stand.loaded.community.address
    seen = []
    done = stand.on_copies(_who, [(1,), (2,)], lambda *far: seen.append(far))
    assert (done, seen) == ([(1, own), (2, own)], [(1, 2), (2, 2)])


def test_meters_on_a_bus_of_this_machine(stand):
    uplink = Uplink(stand)
    (name,) = stand.bus_meters
    number = [point.name for point in stand.loaded.community.points].index(name) + 1
    told = stand.bus_meters[name].truth["energy"]
    for _ in range(60):
        energy = uplink.value("energy", number)
        if energy:
            break
        stand.run(0.5)
    assert told == f"{energy:.0f} kWh"


def test_a_relay_that_cuts_nothing_is_found(world, stand):
    world.relay_wired = False
    try:
        with pytest.raises(CannotDo, match="answers while its supply is cut"):
            stand.power_cut()
    finally:
        world.relay_wired = True


def test_an_input_without_a_channel(stand):
    with pytest.raises(CannotDo, match="input 'pulse9' has no channel"):
        stand.pulses({"pulse9": square(2)})


def test_channels_go_by_the_board():
    assert channels_of(load("sample")) == {"pulse1": 0}
    assert channels_of(load("four-water")) == {f"pulse{n}": n - 1 for n in range(1, 5)}
    assert channels_of(load("heat-block-a")) == {}


@pytest.mark.parametrize(
    ("pin", "channels"),
    [
        ({"active": "high", "pull_up": True}, {"pulse1": 0}),
        ({"active": "low", "pull_up": False}, {"pulse1": 0}),
        ({"active": "high", "pull_up": False}, {}),
        ({"source": "namur"}, {}),
    ],
)
def test_channels_are_contacts_to_ground(sample, pin, channels):
    inputs = sample.board.pulse_inputs
    inputs = inputs | {"pulse1": inputs["pulse1"].model_copy(update=pin)}
    board = sample.board.model_copy(update={"pulse_inputs": inputs})
    assert channels_of(dataclasses.replace(sample, board=board)) == channels
