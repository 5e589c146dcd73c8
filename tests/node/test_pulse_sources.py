"""The pulse filter in a PIO state machine, on the emulated Pico."""

import dataclasses
import random

import pytest
from sibiao.firmware.slot import image_files
from sibiao.node.pico import DeviceError, EmulatedPico
from sibiao.node.pico.fork import in_fork

from tests.node import asking
from tests.node.contact import PIN, US, Contact, booted
from tests.node.pico_board import MS, S, start

pytestmark = pytest.mark.pico


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
