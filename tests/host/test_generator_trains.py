"""Trains of wires as the generator's words: read back, they are the trains."""

import random
import struct

import pytest
from generator.words import BLOCK_WORDS, LONGEST_US
from sibiao.errors import SibiaoError
from sibiao.lab.generator.trains import words
from sibiao.sim.pulse.faults import FAULTS, story
from sibiao.sim.pulse.wiring import QUADRATURE, SEQUENCE, SINGLE, Wiring

US, MS = 1000, 1_000_000


def played(packed, before=0):
    """(microsecond, channel, level) of each edge."""
    edges, at_us, last = [], 0, before
    for word in struct.unpack(f"<{packed.count}I", packed.data):
        closed = word & 15
        for channel in range(4):
            if (closed ^ last) >> channel & 1:
                edges.append((at_us, channel, 1 - (closed >> channel & 1)))
        last = closed
        at_us += (word >> 4) + 1
    return edges, at_us


def test_two_wires_keep_their_phase():
    trains = {
        0: ((0, 1), (100 * US, 0), (300 * US, 1)),
        2: ((0, 1), (100 * US, 0), (200 * US, 1), (300 * US, 0)),
    }
    packed = words(trains, 1 * MS)
    edges = [(100, 0, 0), (100, 2, 0), (200, 2, 1), (300, 0, 1), (300, 2, 0)]
    assert played(packed) == (edges, 1000)
    assert packed.closings == (1, 0, 2, 0)
    assert (packed.last, packed.span_us, packed.late_us) == (0b100, 1000, 0)


def test_what_was_closed_stays_closed_without_a_train():
    packed = words({0: ((0, 0), (50 * US, 1))}, before=0b1001)
    assert played(packed, 0b1001) == ([(50, 0, 1)], 51)
    assert packed.closings == (0, 0, 0, 0)
    assert packed.last == 0b1000


def test_a_long_rest_is_several_words_and_no_edge():
    rest_us = 3 * LONGEST_US + 7
    packed = words({1: ((0, 1), (rest_us * US, 0))}, (rest_us + 5) * US)
    assert packed.count == 5
    assert played(packed) == ([(rest_us, 1, 0)], rest_us + 5)


def test_blocks_are_the_whole():
    packed = words({0: tuple((n * US, n % 2) for n in range(BLOCK_WORDS + 3))})
    blocks = list(packed.blocks())
    assert [len(block) // 4 for block in blocks] == [BLOCK_WORDS, 3]
    assert b"".join(blocks) == packed.data


@pytest.mark.parametrize("kind", (SINGLE, QUADRATURE, SEQUENCE))
@pytest.mark.parametrize("fault", FAULTS)
def test_every_story_comes_with_every_edge(fault, kind):
    told = story(fault, Wiring(kind), pulses=40, rate_hz=2, seed=3)
    channels = {"a": 0, "b": 1}
    trains = {channels[wire]: train for wire, train in told.wires.items()}
    packed = words(trains, told.end_ns)
    edges, span_us = played(packed, sum(1 << c for c, t in trains.items() if t[0][1] == 0))
    for channel, train in trains.items():
        mine = [(at, level) for at, c, level in edges if c == channel]
        assert [level for _, level in mine] == [level for _, level in train[1:]]
        late = [at - ns / US for (at, _), (ns, _) in zip(mine, train[1:], strict=True)]
        assert min(late, default=0) >= -0.5
        assert max(late, default=0) <= max(0.5, packed.late_us)
    assert packed.late_us <= 2
    assert abs(span_us - told.end_ns / US) <= 1


def test_random_trains():
    rng = random.Random(5)
    for _ in range(200):
        trains = {}
        for channel in range(4):
            at, level, train = 0, rng.randrange(2), []
            for _ in range(rng.randrange(1, 30)):
                train.append((at, level))
                at, level = at + rng.randrange(1, 40) * US, 1 - level
            trains[channel] = tuple(train)
        packed = words(trains)
        first = sum(1 << c for c, t in trains.items() if t[0][1] == 0)
        edges, _ = played(packed, first)
        wanted = [(ns // US, c, level) for c, t in trains.items() for ns, level in t[1:]]
        assert edges == sorted(wanted, key=lambda edge: edge[:2])
        assert packed.late_us == 0


def test_what_cannot_be_played_is_refused():
    with pytest.raises(SibiaoError, match=r"less than 1 us apart.*23 us late"):
        words({0: ((0, 1), *((1000 + n, n % 2) for n in range(24)))})
    with pytest.raises(SibiaoError, match="no channel 4; it has 0 to 3"):
        words({4: ((0, 1),)})
    with pytest.raises(SibiaoError, match="the train has 423"):
        words({0: ((0, 423), (5, 1410))})
