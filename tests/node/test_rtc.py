"""The drivers of the clock chips on both nodes, with the chips on the node's own bus."""

import functools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sibiao.node.pico import EmulatedPico
from sibiao.node.pico.rawrepl import RawRepl
from sibiao.sim.chips.rtc import Ds3231, Rx8025

from tests.node.pico_board import MS, S, image

FIRMWARE = Path(__file__).parents[2] / "firmware"
FILES = {
    f"/converter/{name}": (FIRMWARE / "converter" / name).read_bytes()
    for name in (
        "__init__.py",
        "model/__init__.py",
        "model/calendar.py",
        "hal/__init__.py",
        "hal/chip.py",
        "hal/rtc_chip.py",
        "hal/rtc_ds3231.py",
        "hal/rtc_rx8025.py",
    )
}
SDA, SCL = 20, 21
EPOCH = datetime(2000, 1, 1)
EVE = datetime(2027, 12, 31, 23, 59, 30)

CHIPS = [pytest.param(Ds3231, "ds3231", id="ds3231"), pytest.param(Rx8025, "rx8025", id="rx8025")]


@functools.cache
def pico():
    node = EmulatedPico(image(), FILES)
    for driver in ("ds3231", "rx8025"):
        node.exec_raw(f"from converter.hal import rtc_{driver}")
    return node


@pytest.fixture(
    params=[
        pytest.param("vm", marks=pytest.mark.vm),
        pytest.param("pico", marks=pytest.mark.pico),
    ]
)
def on_node(request, board):
    """on_node(body): body(node) on a node with the drivers in its flash, of each kind."""
    if request.param == "pico":
        return pico().forked
    return lambda body: body(board(files=FILES))


def run(node, code):
    return RawRepl(node).execute(code, 60 * S)


def open_rtc(node, driver):
    assert not run(
        node,
        "from converter.model import calendar\n"
        f"from converter.hal.rtc_{driver} import Rtc\nrtc = Rtc(calendar, 0, {SCL}, {SDA})",
    )


def read(node):
    """(time or None, fault)"""
    seconds, fault = run(node, "print(rtc.read(), rtc.fault)").split()
    time = None if seconds == "None" else EPOCH + timedelta(seconds=int(seconds))
    return time, fault == "True"


def write(node, time):
    seconds = round((time - EPOCH).total_seconds())
    return run(node, f"print(rtc.write({seconds}), rtc.fault)")


def is_now(time, chip):
    """The chip goes on while the answer is printed."""
    return time is not None and timedelta(0) <= chip.time - time <= timedelta(seconds=1)


@pytest.mark.parametrize(("kind", "driver"), CHIPS)
def test_set_and_read_back_over_a_power_cut(on_node, kind, driver):
    def body(node):
        chip = kind(node)
        open_rtc(node, driver)
        assert read(node) == (None, False), "never set"
        assert write(node, EVE) == "True False\n"
        assert not chip.stopped_flag
        time, fault = read(node)
        assert is_now(time, chip) and not fault
        assert abs(time - EVE) <= timedelta(seconds=1)

        node.power_cut()
        chip.pass_by(5 * 3600 * S)
        open_rtc(node, driver)
        time, fault = read(node)
        assert is_now(time, chip) and not fault
        assert timedelta(hours=5) <= time - EVE < timedelta(hours=5, seconds=20)
        # Saturday, 1 January 2028, as the chip counts it.
        assert run(node, "print(rtc._registers[3])") == {Ds3231: "7\n", Rx8025: "64\n"}[kind]

    on_node(body)


@pytest.mark.parametrize(("kind", "driver"), CHIPS)
def test_a_chip_that_lost_its_time_is_not_trusted_until_set(on_node, kind, driver):
    def body(node):
        chip = kind(node, time=EVE)
        open_rtc(node, driver)
        assert is_now(read(node)[0], chip)
        chip.battery_out()
        assert read(node) == (None, False)
        node.power_cut()
        open_rtc(node, driver)
        assert read(node) == (None, False)
        assert write(node, EVE) == "True False\n"
        assert is_now(read(node)[0], chip)
        before = chip.time
        node.run(2 * S)
        assert chip.time >= before + timedelta(seconds=2), "it runs"

    on_node(body)


@pytest.mark.parametrize(("kind", "driver"), CHIPS)
def test_no_chip_is_no_time_and_a_fault(on_node, kind, driver):
    def body(node):
        open_rtc(node, driver)
        assert read(node) == (None, True)
        assert write(node, EVE) == "False True\n"
        chip = kind(node, time=EVE)
        time, fault = read(node)
        assert is_now(time, chip) and not fault
        node.attach_i2c(0, chip.ADDRESS, None)
        assert read(node) == (None, True)

    on_node(body)


@pytest.mark.parametrize(("kind", "driver"), CHIPS)
def test_nonsense_in_the_registers_is_no_time(on_node, kind, driver):
    def body(node):
        chip = kind(node, time=EVE)
        open_rtc(node, driver)
        good = bytes(chip._registers)
        for register, byte in (
            (0, 0x60),
            (0, 0x0A),
            (1, 0xA0),
            (2, 0x24),
            (4, 0x00),
            (4, 0x32),
            (5, 0x13),
            (5, 0x00),
            (6, 0x9A),
            (6, 0xF0),
        ):
            chip._registers[:] = good
            chip._registers[register] = byte
            assert read(node) == (None, False), (register, byte)
        chip._registers[:] = good
        assert read(node)[0] is not None

    on_node(body)


@pytest.mark.parametrize(("kind", "driver"), CHIPS)
def test_no_read_is_torn_by_the_end_of_a_year(on_node, kind, driver):
    class Turning(kind):
        """The year ends just before its n-th byte is read."""

        left = -1

        def read(self):
            self.left -= 1
            if self.left == 0:
                self.pass_by(S)
            return super().read()

    def body(node):
        last = EVE.replace(second=59)
        chip = Turning(node)
        open_rtc(node, driver)
        # 16 registers, read once more after a second 59.
        for n in range(1, 33):
            chip._set(last)
            chip._since_ns = node.clock.now_ns
            chip.left = n
            time, fault = read(node)
            assert time in (last, last + timedelta(seconds=1)) and not fault, (n, time)
            assert chip.left <= 0, "the year ended while it was read"
            assert chip.time.year == 2028

    on_node(body)


@pytest.mark.pico
def test_a_chip_cut_off_in_its_answer_lets_go_of_the_bus():
    class Cut(Ds3231):
        left = -1

        def read(self):
            self.left -= 1
            if self.left == 0:
                node_of[self].press_reset()
            return super().read()

    node_of = {}

    def body(node):
        chip = Cut(node, time=EVE)
        node_of[chip] = node
        open_rtc(node, "ds3231")
        assert read(node)[0] is not None
        chip.left = 5
        node.console_write(b"\r\x01while True: rtc.read()\n\x04")
        assert node.run_until(lambda: node.resets, S)
        node.run(300 * MS)
        assert node.get_pin(SDA) == 0, "the chip waits for the rest of its clocks"
        open_rtc(node, "ds3231")
        assert node.get_pin(SDA) == 1
        assert is_now(read(node)[0], chip)

    pico().forked(body)
