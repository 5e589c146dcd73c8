"""The PL011 model, register by register, against ARM DDI 0183; no firmware involved."""

import pytest
from rp2040py.clock.simulation_clock import SimulationClock
from sibiao.node.pico import pl011
from sibiao.node.pico.line import UartLine

CLK_PERI_HZ = 48_000_000
BIT_NS = 1e9 / 9600
FIFOS = 0x70


class Pin:
    ctrl = 2  # UART function


class Dma:
    def set_dreq(self, channel): ...

    def clear_dreq(self, channel): ...


class Chip:
    """What the model asks of the chip around it."""

    def __init__(self):
        self.gpio = [Pin() for _ in range(30)]
        self.dma = Dma()
        self.irq = False

    def set_interrupt(self, irq, value):
        self.irq = value


class Bench:
    def __init__(self, lcr=FIFOS, ifls=0, imsc=0):
        self.clock = SimulationClock()
        self.chip = Chip()
        self.uart = pl011.PL011(self.chip, 0, 20, self.clock, lambda: CLK_PERI_HZ)
        self.line = UartLine(self.uart, self.clock, lambda: None)
        self.line.settings(9600, "N")
        self.heard = []
        self.line.on_byte = self.heard.append
        self.write(pl011.IBRD, 312)
        self.write(pl011.FBRD, 32)
        self.write(pl011.LCR_H, lcr)
        self.write(pl011.IFLS, ifls)
        self.write(pl011.IMSC, imsc)
        self.write(pl011.CR, pl011.CR_UARTEN | pl011.CR_TXE | pl011.CR_RXE)

    def write(self, register, value):
        self.uart.write_uint32_atomic(register, value, 0)

    def read(self, register):
        return self.uart.read_uint32(register)

    def bits(self, count):
        self.clock.tick(count * BIT_NS)

    def flags(self, mask):
        return self.read(pl011.FR) & mask

    def interrupt(self, mask):
        return bool(self.read(pl011.RIS) & mask)


def test_the_divisor_counts_only_once_the_line_register_is_written():
    bench = Bench()
    assert bench.uart.baud == 9600
    bench.write(pl011.IBRD, 156)
    assert bench.uart.baud == 9600
    bench.write(pl011.LCR_H, FIFOS)
    assert round(bench.uart.baud) == round(48e6 / 16 / 156.5)


def test_a_character_takes_its_bits_and_busy_lasts_to_its_end():
    bench = Bench()
    assert bench.flags(pl011.FR_BUSY | pl011.FR_TXFE) == pl011.FR_TXFE
    bench.write(pl011.DR, 0xA5)
    bench.bits(9.9)
    assert bench.flags(pl011.FR_BUSY) and not bench.heard
    bench.bits(0.2)
    assert not bench.flags(pl011.FR_BUSY) and bench.heard == [0xA5]


def test_one_character_in_the_shift_register_and_32_in_the_fifo():
    bench = Bench()
    for value in range(33):
        assert not bench.flags(pl011.FR_TXFF)
        bench.write(pl011.DR, value)
    assert bench.flags(pl011.FR_TXFF)
    bench.write(pl011.DR, 99)
    bench.bits(400)
    assert bench.heard == list(range(33)), "what was written to a full FIFO is lost"


@pytest.mark.parametrize(("select", "level"), [(0, 4), (1, 8), (2, 16), (3, 24), (4, 28)])
def test_the_transmit_interrupt_is_a_passage_through_its_level(select, level):
    bench = Bench(ifls=select)
    for value in range(level):
        bench.write(pl011.DR, value)
    bench.bits(400)
    assert not bench.interrupt(pl011.INT_TX), "never above the level, so never through it"
    for value in range(level + 2):
        bench.write(pl011.DR, value)
    assert not bench.interrupt(pl011.INT_TX)
    bench.bits(10.1)
    assert bench.interrupt(pl011.INT_TX)
    bench.write(pl011.ICR, pl011.INT_TX)
    assert not bench.interrupt(pl011.INT_TX)
    bench.bits(400)
    assert not bench.interrupt(pl011.INT_TX), "the level was passed once"


@pytest.mark.parametrize(("select", "level"), [(0, 4), (1, 8), (2, 16), (3, 24), (4, 28)])
def test_the_receive_interrupt_comes_at_its_level_and_goes_below_it(select, level):
    bench = Bench(ifls=select << 3, imsc=pl011.INT_RX)
    bench.line.send(bytes(range(level)))
    bench.bits(10 * (level - 1))
    assert not bench.interrupt(pl011.INT_RX)
    bench.bits(10)
    assert bench.interrupt(pl011.INT_RX) and bench.chip.irq
    assert bench.read(pl011.DR) == 0
    assert not bench.interrupt(pl011.INT_RX) and not bench.chip.irq


def test_the_time_out_counts_32_bits_from_the_last_character():
    bench = Bench(imsc=pl011.INT_RT)
    bench.line.send(b"ab")
    bench.bits(19.5 + 31.9)
    assert not bench.interrupt(pl011.INT_RT)
    bench.bits(0.2)
    assert bench.interrupt(pl011.INT_RT) and bench.chip.irq
    bench.read(pl011.DR)
    assert bench.interrupt(pl011.INT_RT), "the FIFO is not empty yet"
    bench.read(pl011.DR)
    assert not bench.interrupt(pl011.INT_RT)
    bench.bits(100)
    assert not bench.interrupt(pl011.INT_RT), "nothing is waiting"


def test_an_overrun_keeps_the_fifo_and_marks_the_first_character_after_it():
    bench = Bench()
    bench.line.send(bytes(range(34)))
    bench.bits(350)
    assert bench.flags(pl011.FR_RXFF)
    assert bench.interrupt(pl011.INT_OE) and bench.read(pl011.RSR) & 8
    words = [bench.read(pl011.DR) for _ in range(32)]
    assert words == list(range(32))
    bench.write(pl011.RSR, 0)
    assert not bench.read(pl011.RSR)
    bench.line.send(b"xy")
    bench.bits(30)
    assert [bench.read(pl011.DR) for _ in range(2)] == [pl011.DR_OE | ord("x"), ord("y")]


def test_errors_come_with_the_character_they_belong_to():
    bench = Bench(lcr=FIFOS | pl011.LCR_PEN | pl011.LCR_EPS)
    bench.line.settings(9600, "E")
    bench.line.send(b"a")
    bench.line.send_noise(b"b", parity_error=True)
    bench.line.send_noise(b"c", framing_error=True)
    bench.line.send_break()
    bench.line.send(b"d")
    bench.bits(100)
    expected = [
        ord("a"),
        pl011.DR_PE | ord("b"),
        pl011.DR_FE | ord("c"),
        pl011.DR_BE | pl011.DR_FE,
        ord("d"),
    ]
    for word in expected:
        assert bench.read(pl011.DR) == word
        assert bench.read(pl011.RSR) == word >> 8
    for interrupt in (pl011.INT_PE, pl011.INT_FE, pl011.INT_BE):
        assert bench.interrupt(interrupt)
    assert bench.flags(pl011.FR_RXFE)


def test_without_fifos_there_is_room_for_one():
    bench = Bench(lcr=FIFOS & ~pl011.LCR_FEN)
    bench.line.send(b"ab")
    bench.bits(10)
    assert bench.interrupt(pl011.INT_RX) and bench.flags(pl011.FR_RXFF)
    bench.bits(10)
    assert bench.interrupt(pl011.INT_OE)
    assert bench.read(pl011.DR) == ord("a")
    assert not bench.interrupt(pl011.INT_RX)


@pytest.mark.parametrize(
    ("lcr", "parity", "bits"),
    [(0x70, "N", 10), (0x78, "N", 11), (0x76, "E", 11), (0x72, "O", 11)],
)
def test_shapes_of_a_character(lcr, parity, bits):
    bench = Bench(lcr=lcr)
    bench.line.settings(9600, parity)
    for value in (0x00, 0x01, 0xFE, 0xFF):
        bench.write(pl011.DR, value)
    assert bench.uart.format.bits == bits
    bench.bits(4 * bits + 0.1)
    assert bench.heard == [0x00, 0x01, 0xFE, 0xFF]


@pytest.mark.parametrize("percent", [-3, 3])
def test_three_per_cent_off_is_still_heard(percent):
    bench = Bench()
    bench.line.settings(round(9600 * (1 + percent / 100)), "N")
    bench.line.send(bytes(range(0, 256, 7)))
    heard = []
    for _ in range(60):
        bench.bits(10)
        while not bench.flags(pl011.FR_RXFE):
            heard.append(bench.read(pl011.DR))
    assert heard == list(range(0, 256, 7))


@pytest.mark.parametrize("baud", [1200, 4800, 10_400, 19_200])
def test_another_rate_is_garbage_the_same_every_time(baud):
    def run():
        bench = Bench()
        bench.line.settings(baud, "N")
        bench.line.send(b"\x68\xaa\x31\x16")
        heard = []
        for _ in range(200):
            bench.bits(1)
            while not bench.flags(pl011.FR_RXFE):
                heard.append(bench.read(pl011.DR))
        return heard

    assert run() == run() != list(b"\x68\xaa\x31\x16")


def test_a_receiver_switched_off_hears_nothing_and_a_full_character_after():
    bench = Bench()
    bench.write(pl011.CR, pl011.CR_UARTEN | pl011.CR_TXE)
    bench.line.send(b"a")
    bench.bits(12)
    bench.write(pl011.CR, pl011.CR_UARTEN | pl011.CR_TXE | pl011.CR_RXE)
    bench.line.send(b"b")
    bench.bits(12)
    assert bench.read(pl011.DR) == ord("b")
    assert bench.flags(pl011.FR_RXFE)


def test_clearing_is_by_writing_ones_and_leaves_the_rest():
    bench = Bench(lcr=FIFOS & ~pl011.LCR_FEN)
    bench.line.send(b"ab")
    bench.bits(30)
    bench.write(pl011.ICR, pl011.INT_OE)
    assert not bench.interrupt(pl011.INT_OE) and bench.interrupt(pl011.INT_RX)
