"""The pulse generator's firmware on the emulated Pico: what its pins do, to the microsecond."""

import binascii
import json
import random
import struct
import threading

import pytest
from generator.pins import INPUTS, RELAY
from generator.words import word
from sibiao.lab.generator.port import Generator
from sibiao.lab.generator.trains import words
from sibiao.node.pico.fork import in_fork
from sibiao.node.pico.served import ConsoleServer
from sibiao.node.vm.virtual.board import posed
from sibiao.sim.pulse.faults import story
from sibiao.sim.pulse.wiring import Wiring

from tests.node import asking
from tests.node.asking import PULSE_PIN
from tests.node.generator_pico import OnPico, booted
from tests.node.pico_board import MS

pytestmark = pytest.mark.pico

SLICE = 5 * MS


@pytest.fixture(autouse=True)
def _started(pico_image):
    booted()


def asked(generator, text):
    verdict, _, rest = generator.ask(text).partition(" ")
    assert verdict == "ok", rest
    return json.loads(rest)


def load(generator, blocks, first=0):
    for number, block in enumerate(blocks, first):
        asked(generator, f"data {number} " + binascii.b2a_base64(block, newline=False).decode())


def edges_of(trains):
    """(microsecond, channel, level), all contacts open before."""
    changes = ((ns / 1000, c, level) for c, train in trains.items() for ns, level in train)
    return sorted(c for c in changes if c[0] or not c[2])


def as_asked(generator, wanted):
    # The first word begins when the generator does: what counts is each edge after the first one.
    got = sorted(
        (at - generator.edges[0][0] + wanted[0][0], *rest) for at, *rest in generator.edges
    )
    assert [edge[1:] for edge in got] == [edge[1:] for edge in wanted]
    return max(abs(a[0] - b[0]) for a, b in zip(got, wanted, strict=True))


class Counting:
    """A converter in virtual time whose first input is the generator's channel 0."""

    def __init__(self, node):
        self.node = asking.at_work(node)
        self._edges = []

    def edge(self, at_us, channel, level):
        if channel == 0:
            self._edges.append((at_us, level))

    def run_with(self, generator, span_ns):
        """A slice behind the generator, so that every edge has its appointment in time."""
        clock, pico = self.node.clock, generator.pico
        offset_ns = clock.now_ns - pico.clock.now_ns + SLICE
        end_ns = pico.clock.now_ns + span_ns
        while pico.clock.now_ns < end_ns:
            pico.run(SLICE)
            for at_us, level in self._edges:
                due_ns = round(at_us * 1000) + offset_ns - clock.now_ns
                clock.call_later(due_ns, lambda level=level: self.node.set_pin(PULSE_PIN, level))
            self._edges.clear()
            self.node.run(pico.clock.now_ns + offset_ns - SLICE - clock.now_ns)
        self.node.run(2 * SLICE + 300 * MS)

    def count(self):
        return asking.read(self.node, asking.CONVERTER, "E0010900")


@in_fork
def test_two_bouncing_contacts_to_the_microsecond_and_a_converter_counts_them(sample):
    with posed(sample) as node:
        converter = Counting(node)
        generator = OnPico(converter.edge)
        told = story("bounce_closing", Wiring("quadrature"), pulses=5, rate_hz=8, seed=4)
        trains = {0: told.wires["a"], 1: told.wires["b"]}
        packed = words(trains, told.end_ns)
        asked(generator, f"train {packed.count}")
        load(generator, packed.blocks())
        asked(generator, "go")
        converter.run_with(generator, told.end_ns + 20 * MS)
        state = asked(generator, "state")
        assert (state["state"], state["played"]) == ("done", packed.count)
        # Counted at the pins by other state machines than those that play.
        assert tuple(state["closings"]) == packed.closings
        assert as_asked(generator, edges_of(trains)) <= 1
        assert packed.closings[0] > 2 * told.dial == 10
        assert converter.count() == told.dial


@in_fork
def test_the_host_plays_through_the_port():
    server = ConsoleServer(OnPico().pico)
    over = threading.Event()
    serving = threading.Thread(target=server.serve, args=(over.is_set,), daemon=True)
    serving.start()
    try:
        with Generator(server.address, answer_s=30) as generator:
            train = words({2: tuple((n * 2 * MS, 1 - n % 2) for n in range(9))})
            playing = generator.play(train)
            playing.wait()
            assert playing.state["played"] == train.count
            assert playing.state["closings"] == [0, 0, 4, 0]
            generator.hold(1)
            assert generator.state()["wires"] == [0, 1, 1, 1]
    finally:
        over.set()
        serving.join()


@in_fork
def test_a_stream_of_blocks_fed_while_it_plays():
    generator = OnPico()
    rng = random.Random(2)
    # More blocks than there is room for, and each begins while its predecessor plays.
    spans = [rng.randrange(300, 500) for _ in range(20 * 32)]
    data = struct.pack(f"<{len(spans)}I", *(word(n & 1, us) for n, us in enumerate(spans)))
    blocks = [data[at : at + 128] for at in range(0, len(data), 128)]
    asked(generator, f"train {len(spans)}")
    load(generator, blocks[:16])
    assert generator.ask("data 16 " + "A" * 8) == "no full"
    asked(generator, "go")
    for number in range(16, len(blocks)):
        while not asked(generator, "state")["free"]:
            generator.pico.run(MS)
        load(generator, blocks[number : number + 1], number)
    generator.pico.run(200 * MS)
    state = asked(generator, "state")
    assert (state["state"], state["played"]) == ("done", len(spans))
    ends = [sum(spans[: n + 1]) for n in range(len(spans) - 1)]
    wanted = [(at, 0, n & 1) for n, at in enumerate(ends)]
    assert as_asked(generator, wanted) <= 1
    assert state["closings"] == [len(spans) // 2, 0, 0, 0]


@in_fork
def test_a_train_that_runs_dry_is_told_and_lets_go():
    generator = OnPico()
    asked(generator, "train 300")
    load(generator, [struct.pack("<4I", *(word(n & 1, 1000) for n in range(4)))])
    asked(generator, "go")
    generator.pico.run(20 * MS)
    # Words that come too late do not make it good.
    text = binascii.b2a_base64(struct.pack("<I", word(1, 1000)), newline=False).decode()
    assert generator.ask("data 1 " + text) == "no no train"
    state = asked(generator, "state")
    assert (state["state"], state["played"]) == ("underrun", 4)
    assert state["wires"] == [1, 1, 1, 1], "every contact open"
    assert state["closings"] == [2, 0, 0, 0]


@in_fork
def test_running_dry_between_two_looks_is_not_overlooked():
    """All words arrive, but too late: the chip remembers that the state machine had to wait."""
    pico = booted()
    pico.exec_raw(
        "import time\nfrom generator import player, words\np=player.Player(2)\n"
        "def put(): p.put(b''.join(words.word(n & 1,20).to_bytes(4,'little') for n in range(8)))\n"
    )
    play = "p.load(16)\nput()\n%s\np.go()\n%s\ntime.sleep_ms(5)\np.step()\nprint(p.state)"
    assert pico.exec_raw(play % ("put()", "")) == "done\n"
    assert pico.exec_raw(play % ("", "time.sleep_ms(5)\nput()\np.step()")) == "underrun\n"
    assert pico.exec_raw(play % ("put()", "")) == "done\n", "and the next one is as good as any"


@in_fork
def test_abort_relay_and_inputs():
    generator = OnPico()
    pico = generator.pico
    asked(generator, "hold 9")
    assert asked(generator, "state")["wires"] == [0, 1, 1, 0]
    asked(generator, "train 100")
    load(generator, [struct.pack("<100I", *(word(n & 1 | 8, 5000) for n in range(100)))])
    asked(generator, "go")
    pico.run(101 * MS)
    state = asked(generator, "abort")
    assert state["state"] == "aborted" and 20 <= state["played"] <= 23
    assert asked(generator, "state")["wires"] == [1, 1, 1, 1]
    before = len(generator.edges)
    pico.run(50 * MS)
    assert len(generator.edges) == before
    assert pico.get_pin(RELAY) == 0
    asked(generator, "cut 1")
    assert pico.get_pin(RELAY) == 1
    for level in (1, 0, 1):
        pico.set_pin(INPUTS[1], level)
        pico.run(MS)
    state = asked(generator, "state")
    assert (state["inputs"], state["rises"], state["cut"]) == ([0, 1], [0, 2], 1)
