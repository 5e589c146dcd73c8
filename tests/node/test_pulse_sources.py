"""Pulse sources on the emulated Pico: the filter in a state machine, two contacts, the ADC."""

import dataclasses
import functools
import random

import pytest
from sibiao.config.build import FIRMWARE, compile_mpy, image_files
from sibiao.node.pico import DeviceError, EmulatedPico
from sibiao.node.pico.fork import in_fork

from tests.node import asking
from tests.node.pico_board import MS, S, image, start

pytestmark = pytest.mark.pico

US = 1000
A, B, ADC0 = 12, 13, 26
PIN = 15
KINDS = (
    "level_filter",
    "pulse_irq",
    "pulse_namur",
    "pulse_pio",
    "pulse_poll",
    "pair_irq",
    "pair_pio",
)


@functools.cache
def booted():
    """At its prompt, with the sources that these tests make; contacts open."""
    files = {}
    for name in ("level_filter", *KINDS):
        source = (FIRMWARE / "converter" / "hal" / f"{name}.py").read_text()
        files[f"/converter/hal/{name}.mpy"] = compile_mpy(source, name, lines=True)
    board = EmulatedPico(image(), files=files)
    board.boot()
    board.exec_raw("import gc, machine, time\nfrom converter.hal import pulse_pio, pair_pio")
    return board


class Contact:
    """A pulse source at the prompt and the contact wired to it."""

    def __init__(self, active_us, idle_us, active=0, closed=False, gpio=PIN, kind="pio"):
        self.board = booted()
        self.gpio = gpio
        self.active = active
        self.name = f"s{gpio}"
        self.board.set_pin(gpio, active if closed else 1 - active)
        self.board.exec_raw(
            f"from converter.hal import pulse_{kind}\n"
            f"{self.name}=pulse_{kind}.PulseSource({gpio},{active},True,{active_us},{idle_us})"
        )

    def close(self, for_ns):
        self.board.set_pin(self.gpio, self.active)
        self.board.run(for_ns)

    def open(self, for_ns):
        self.board.set_pin(self.gpio, 1 - self.active)
        self.board.run(for_ns)

    def train(self, widths_ns):
        """Closed, open, closed, ... each for its width; the contact ends open."""
        levels = (self.active, 1 - self.active)
        delays = [0, *widths_ns[:-1]]
        edges = [(delay, levels[i % 2]) for i, delay in enumerate(delays)]
        train = self.board.edges(self.gpio, edges)
        assert self.board.run_until(lambda: train.finished, sum(widths_ns) + S)
        self.board.run(widths_ns[-1])

    def take(self):
        return int(self.board.exec_raw(f"print({self.name}.take())"))

    def level(self):
        return int(self.board.exec_raw(f"print({self.name}.level())"))


@pytest.mark.parametrize("active", (0, 1))
@in_fork
def test_truth_table_of_the_filter(active):
    c = Contact(10000, 20000, active)
    assert (c.take(), c.level()) == (0, 0)
    c.train([50 * MS] * 14)
    assert c.take() == 7, "clean pulses"
    assert c.take() == 0
    c.train([9 * MS, 50 * MS])
    assert c.take() == 0, "a short active level"
    c.train([10 * MS, 50 * MS])
    assert c.take() == 1, "an active level just long enough"
    c.train([30 * MS, 19 * MS, 30 * MS, 50 * MS])
    assert c.take() == 1, "a short idle level does not split a pulse"
    c.train([30 * MS, 20 * MS, 30 * MS, 50 * MS])
    assert c.take() == 2, "an idle level just long enough"
    bounce = [300 * US, 200 * US, 900 * US, 1 * MS]
    c.train([*bounce, 40 * MS, *bounce, 40 * MS] * 20)
    assert c.take() == 20, "bounce at both edges"
    c.train([3 * MS, 6 * MS] * 100)
    assert c.take() == 0, "glitches while open"
    c.close(MS)
    assert (c.take(), c.level()) == (0, 1)
    c.close(10 * MS)
    assert c.take() == 1, "counted while closed"
    c.close(60 * S)
    c.train([3 * MS, 6 * MS] * 100)
    assert c.take() == 0, "a contact that stays closed, with glitches"
    c.open(3600 * S)
    c.train([10 * MS, 30 * MS])
    assert c.take() == 1, "after an hour's pause"


@pytest.mark.parametrize("active", (0, 1))
@in_fork
def test_contact_found_closed_is_no_pulse(active):
    c = Contact(10000, 20000, active, closed=True)
    c.close(50 * MS)
    assert (c.take(), c.level()) == (0, 1)
    c.open(18 * MS)
    c.close(50 * MS)
    assert c.take() == 0, "not open for long enough"
    c.open(20 * MS)
    c.close(50 * MS)
    assert c.take() == 1


@pytest.mark.parametrize(
    ("active_us", "idle_us"), ((10000, 10000), (3, 2), (200, 1000), (50000, 1000), (17, 16))
)
@in_fork
def test_no_width_is_off_by_more_than_a_loop(active_us, idle_us):
    """Whatever the phase: a level of its minimum is reached, one a loop shorter is not."""
    c = Contact(active_us, idle_us)
    rng = random.Random(1)
    loop_ns = idle_us * US * (64 / 1987 if idle_us >= 16 else 2 / 65)
    cycle_ns = loop_ns / (64 if idle_us >= 16 else 2)
    long_ns = 3 * max(active_us, idle_us) * US
    sync_ns = 8

    def phase():
        return long_ns + rng.uniform(0, 2 * loop_ns)

    for _ in range(40):
        c.train([active_us * US + sync_ns, phase()])
    assert c.take() == 40
    for _ in range(40):
        c.train([active_us * US - loop_ns - cycle_ns, phase()])
    assert c.take() == 0
    for _ in range(40):
        c.train([phase(), idle_us * US + sync_ns, phase(), phase()])
    assert c.take() == 80
    for _ in range(40):
        c.train([phase(), idle_us * US - loop_ns - cycle_ns, phase(), phase()])
    assert c.take() == 40


@in_fork
def test_the_widest_idle_level_and_one_beyond():
    c = Contact(1000000, 1000000)
    c.train([1100 * MS, 900 * MS, 1100 * MS, 1100 * MS])
    assert c.take() == 1
    c.train([900 * MS, 1100 * MS])
    assert c.take() == 0
    with pytest.raises(DeviceError, match="ValueError: idle width 1100000 us"):
        Contact(1000, 1100000, gpio=14)


@in_fork
def test_100_khz_are_counted_through_erases_and_collections():
    c = Contact(2, 2)
    board = c.board
    flash = board.flash
    erases = flash.erases
    start(
        board,
        "for i in range(4):\n"
        " f=open('/big','w');f.write(bytes(9000));f.close()\n"
        " x=[[i] for i in range(500)];gc.collect()\n",
    )
    board.run_until(lambda: flash.erases > erases, 10 * S)
    count = 10_000
    train = board.edges(PIN, [(5 * US, level) for _ in range(count) for level in (0, 1)])
    assert board.run_until(lambda: train.finished, S)
    board.run(S)
    assert flash.erases > erases + 1, "the train fell upon an erase"
    assert c.take() == count


@in_fork
def test_the_count_wraps():
    c = Contact(100, 100)
    c.board.exec_raw(f"{c.name}._machine.exec(0xe023)\n{c.name}._last=3")  # set(x, 3)
    c.train([MS] * 20)
    assert c.take() == 10
    c.train([MS] * 20)
    assert c.take() == 10


@in_fork
def test_eight_inputs_of_three_programs():
    board = booted()
    # Slow and fast, both polarities: three of the four programs in each block.
    inputs = [
        Contact(*how, gpio=gpio)
        for gpio, how in enumerate(
            ((1000, 1000, 0), (1000, 1000, 1), (5, 5, 0), (5, 5, 0), (900, 800, 0), (5, 5, 1),
             (1000, 1000, 0), (1000, 1000, 1))
        )
    ]  # fmt: skip
    with pytest.raises(DeviceError, match="ValueError: no state machine"):
        Contact(1000, 1000, gpio=20)
    for n, c in enumerate(inputs, 1):
        c.train([2 * MS] * 2 * n)
    assert [c.take() for c in inputs] == [1, 2, 3, 4, 5, 6, 7, 8]
    board.exec_raw("s3.close()")
    again = Contact(1000, 1000, gpio=20)
    again.train([2 * MS] * 8)
    assert (again.take(), inputs[2].take()) == (4, 0)


@in_fork
def test_idle_inputs_cost_the_emulator_nothing():
    board = booted()
    for gpio in range(4):
        Contact(10000, 10000, gpio=gpio)
    machines = board.chip.pios[1].machines

    def cycles():
        return sum(machine.cycles for machine in machines)

    before = cycles()
    board.run(100 * S)
    board.exec_raw("s0.level()")
    assert cycles() == before
    for gpio in range(4):
        board.set_pin(gpio, 0)
    board.run(S)
    for gpio in range(4):
        board.set_pin(gpio, 1)
    board.run(S)
    board.exec_raw("s0.take()")
    # Two levels of 32 loops of 64 cycles, and some steps between them; then they stall again.
    assert 4 * 2 * 32 * 64 <= cycles() - before <= 4 * (2 * 32 * 64 + 10)


def test_lazily_or_at_every_microsecond_is_the_same():
    """What is executed when the block is looked at is what would have been executed in time."""

    def states(board, eager):
        Contact(30, 20)
        Contact(700, 20, active=1, gpio=14)
        pair_at(board, A, B)
        if eager:
            for pio in board.chip.pios:
                pio._may_show = lambda: True
        board.exec_raw("s15.take(), s14.take()")
        rng = random.Random(8)
        seen = []
        for _ in range(300):
            board.set_pin(rng.choice((PIN, 14, A, B)), rng.randrange(2))
            board.run(int(rng.expovariate(1 / 30_000)) + 200)
            for pio in board.chip.pios:
                pio.catch_up()
                for m in pio.machines:
                    seen.append((m.pc, m.x, m.y, m.waiting, m.next_due_fp, m.rx_fifo.items))
        return seen, board.exec_raw("print(s15.take(), s14.take(), p.take())")

    lazy, eager = (booted().forked(states, how) for how in (False, True))
    assert lazy == eager
    assert eager[1] not in ("0 0 0\n", "")


def pair_at(board, a, b, active=0, kind="pio"):
    board.set_pin(a, 1 - active)
    board.set_pin(b, 1 - active)
    board.exec_raw(
        f"from converter.hal import pair_{kind}\np=pair_{kind}.PairSource({a},{b},{active},True)"
    )


def turn(board, a, b, active, steps, gap_ns, bounce=0):
    """Quarter steps, forward or (negative) reverse, each edge with its bounce."""
    forward = ((a, 1), (b, 1), (a, 0), (b, 0))
    for step in range(abs(steps)):
        if steps > 0:
            gpio, closed = forward[step % 4]
        else:
            gpio, closed = ((b, 1), (a, 1), (b, 0), (a, 0))[step % 4]
        level = active if closed else 1 - active
        for _ in range(bounce):
            board.set_pin(gpio, level)
            board.run(50 * US)
            board.set_pin(gpio, 1 - level)
            board.run(50 * US)
        board.set_pin(gpio, level)
        board.run(gap_ns)


@pytest.mark.parametrize("kind", ("pio", "irq"))
@pytest.mark.parametrize(("a", "b", "active"), ((12, 13, 0), (13, 12, 0), (12, 13, 1)))
@in_fork
def test_a_pair_tells_the_direction(kind, a, b, active):
    board = booted()
    pair_at(board, a, b, active, kind)

    def taken():
        return board.exec_raw("print(p.take(), p.level())")

    assert taken() == "0 0\n"
    turn(board, a, b, active, 40, 2 * MS)
    assert taken() == "40 0\n"
    turn(board, a, b, active, -28, 2 * MS)
    assert taken() == "-28 0\n"
    turn(board, a, b, active, 8, 2 * MS, bounce=7)
    assert taken() == "8 0\n"
    for _ in range(50):  # standing at a magnet's edge
        board.set_pin(a, active)
        board.run(MS)
        board.set_pin(a, 1 - active)
        board.run(MS)
    assert taken() == "0 0\n"
    board.set_pin(a, active)
    assert taken() == "1 1\n"
    board.set_pin(b, active)
    assert taken() == "1 3\n"


@in_fork
def test_pairs_count_through_an_erase_and_share_a_block_with_nobody():
    board = booted()
    c = Contact(1000, 1000)
    pair_at(board, A, B)
    flash = board.flash
    erases = flash.erases
    start(board, "for i in range(4):\n f=open('/big','w');f.write(bytes(9000));f.close()\n")
    board.run_until(lambda: flash.erases > erases, 10 * S)
    for _ in range(25):
        turn(board, A, B, 0, 40, 50 * US)
    assert flash.erases > erases
    board.run(S)
    c.train([2 * MS] * 6)
    assert board.exec_raw("print(p.take())") == "1000\n"
    assert c.take() == 3
    others = [f"pair_pio.PairSource({n},{n + 1},0,True)" for n in (0, 2, 4)]
    board.exec_raw(f"q=[{','.join(others)}]")
    with pytest.raises(DeviceError, match="ValueError: no state machine"):
        board.exec_raw("pair_pio.PairSource(6,7,0,True)")
    with pytest.raises(DeviceError, match="ValueError: pair on 6 and 8"):
        board.exec_raw("pair_pio.PairSource(6,8,0,True)")


@in_fork
def test_a_released_pin_goes_where_its_pull_takes_it():
    c = Contact(1000, 1000)
    for _ in range(3):
        c.close(2 * MS)
        c.board.release_pin(PIN)
        c.board.run(2 * MS)
    assert (c.take(), c.level()) == (3, 0)


@in_fork
def test_the_processor_can_jump_a_machine_out_of_its_wait():
    c = Contact(1000, 1000)
    c.board.exec_raw(f"{c.name}._machine.exec({c.name}._offset+5)")  # where it waits for idle
    c.open(5 * MS)
    c.train([2 * MS, 2 * MS])
    assert c.take() == 1
    c.close(5 * MS)
    c.board.exec_raw(f"{c.name}._machine.exec({c.name}._offset)")  # where it waits for active
    c.close(5 * MS)
    assert c.take() == 2, "its own level, and once more the one that it was sent back to"


@in_fork
def test_namur_by_the_chip_s_adc():
    board = booted()
    adc = board.chip.mcu.adc
    adc.channel_values[0] = 0x300
    board.exec_raw(
        "from converter.hal.pulse_namur import PulseSource\n"
        f"n=PulseSource({ADC0},1,(4000,20000,30000,55000),10000,10000)"
    )

    def held(value):
        adc.channel_values[0] = value
        board.exec_raw("for i in range(5):\n n.sample()\n time.sleep_ms(5)")
        return board.exec_raw("print(n.take(), n.fault(), n.level())")

    assert held(0x300) == "0 0 0\n"
    assert held(0xA00) == "1 0 1\n"
    assert held(0x600) == "0 0 1\n"
    assert held(0x010) == "0 1 0\n"
    assert held(0xA00) == "0 0 1\n"
    assert held(0xFFF) == "0 2 0\n"
    assert held(0x300) == "0 0 0\n"
    assert held(0xA00) == "1 0 1\n"


@in_fork
def test_poll_and_irq_at_the_prompt():
    polled = Contact(10000, 10000, gpio=14, kind="poll")
    interrupted = Contact(10000, 10000, gpio=15, kind="irq")
    board = polled.board
    start(board, "while True:\n s14.sample()\n time.sleep_ms(5)\n")
    bounce = [300 * US, 200 * US, 30 * MS, 400 * US, 100 * US, 30 * MS]
    polled.train(bounce * 5)
    interrupted.train(bounce * 5)
    assert (polled.take(), interrupted.take()) == (5, 5)
    assert (polled.level(), interrupted.level()) == (0, 0)


def test_the_whole_node_counts_by_pio(sample, pico_image):
    inputs = {
        name: pulse_input.model_copy(update={"source": "pio"})
        for name, pulse_input in sample.board.pulse_inputs.items()
    }
    board = sample.board.model_copy(update={"pulse_inputs": inputs})
    node = EmulatedPico(pico_image, image_files(dataclasses.replace(sample, board=board)))
    asking.at_work(node)
    asking.pulses(node, 12)
    assert asking.read(node, asking.CONVERTER, "E0010900") == 12
