"""The generator's client against the generator's desk; and what a stand without it does."""

import binascii
import dataclasses

import pytest
from sibiao.errors import SibiaoError
from sibiao.lab.generator.port import Generator, Playing
from sibiao.lab.generator.trains import words
from sibiao.lab.record import CannotDo
from sibiao.lab.stands.hardware import on_ports
from sibiao.lab.stands.reading import Uplink

from tests.node.lab_world import World, square

pytestmark = pytest.mark.vm


@pytest.fixture(scope="module")
def world(sample):
    with World(sample) as world:
        yield world


def test_a_wire_that_shows_nothing_is_an_error(world):
    world.wires[0].shows = False
    try:
        with Generator(world.generator) as generator:
            playing = generator.play(words({0: square(3)}))
            with pytest.raises(SibiaoError, match="closed contact 0 3 times, and its wire fell 0"):
                playing.wait()
    finally:
        world.wires[0].shows = True


def test_a_train_that_runs_dry_is_an_error(world):
    with Generator(world.generator) as generator:
        train = words({1: square(20)})
        generator.ask("train", train.count + 1)
        generator.ask("data", 0, binascii.b2a_base64(train.data, newline=False).decode())
        generator.ask("go")
        with pytest.raises(SibiaoError, match="ran out of words after 41 of 42"):
            Playing(generator, train, iter(())).wait()


def test_damaged_lines_are_said_again(world):
    with Generator(world.generator) as generator:
        world.damage = 2
        generator.hold(5)
        assert world.player.closed == 5
        world.damage = 3
        with pytest.raises(SibiaoError, match="no generator answers"):
            generator.hold(6)
        assert world.player.closed == 5


def test_a_train_broken_off_lets_go(world):
    with Generator(world.generator) as generator:
        playing = generator.play(words({0: square(500)}))
        state = playing.abort()
        assert state["state"] == "aborted" and state["played"] < 100
        assert world.player.closed == 0


def test_what_is_no_generator(world):
    with pytest.raises(SibiaoError, match="sibiao generator install"):
        Generator(world.console)


def test_without_a_generator(world, sample):
    stand = on_ports(sample, world.console, world.uplink)
    try:
        with pytest.raises(CannotDo, match="pulses need a pulse generator"):
            stand.pulses({"pulse1": square(2)})
        with pytest.raises(CannotDo, match="power cuts need a pulse generator"):
            stand.power_cut()
        assert stand.bus_meters == {}
        assert stand.on_copies(_who, [(7,)]) == [(7, sample.community.address)]
    finally:
        stand.close()


def test_a_module_that_runs_something_else(world, sample):
    other = sample.community.model_copy(update={"address": "000000000077"})
    with pytest.raises(SibiaoError, match=r"answers 000000000001, and community .* 000000000077"):
        on_ports(dataclasses.replace(sample, community=other), world.console, world.uplink)
    with pytest.raises(SibiaoError, match="has no bus 'bus9'"):
        on_ports(sample, world.console, world.uplink, "", {"bus9": world.bus})


def _who(stand, number):
    return number, Uplink(stand).who()
