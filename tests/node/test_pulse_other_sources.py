"""Pairs of contacts, the ADC, polling and interrupts, on the emulated Pico; its PIO when lazy."""

import random

import pytest
from sibiao.node.pico import DeviceError
from sibiao.node.pico.fork import in_fork

from tests.node.contact import ADC0, PIN, US, A, B, Contact, booted, pair_at, turn
from tests.node.pico_board import MS, S, start

pytestmark = pytest.mark.pico


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
