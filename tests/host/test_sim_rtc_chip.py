"""The simulated clock chips and FRAM, asked as a master on the bus asks them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sibiao.node.i2c_bus import I2cBus
from sibiao.sim.chips.fram import SIZE, FramChip
from sibiao.sim.chips.rtc import Ds3231, Rx8025

from tests.host.virtual_clock import VirtualClock

S = 1_000_000_000
DAY = 86400 * S


class Bench:
    """A node reduced to a clock and an I2C bus, and a master on that bus."""

    def __init__(self):
        self.clock = VirtualClock()
        self.bus = I2cBus()

    def attach_i2c(self, bus, address, device):
        assert bus == 0
        self.bus.attach(address, device)

    def put(self, address, *data):
        assert self.bus.start(address, False)
        for byte in data:
            assert self.bus.write(byte)
        self.bus.stop()

    def get(self, address, register, count):
        assert self.bus.start(address, False)
        assert self.bus.write(register)
        assert self.bus.start(address, True)
        data = bytes(self.bus.read() for _ in range(count))
        self.bus.stop()
        return data


# 2023-12-31 was a Sunday.
EVE = datetime(2023, 12, 31, 23, 59, 58)


@pytest.mark.parametrize(
    ("kind", "sunday", "monday"), [(Ds3231, 0x01, 0x02), (Rx8025, 0x01, 0x02)]
)
def test_registers_over_a_new_year(kind, sunday, monday):
    bench = Bench()
    chip = kind(bench, time=EVE)
    assert bench.get(chip.ADDRESS, 0, 7) == bytes.fromhex(f"585923{sunday:02x}311223")
    bench.clock.run(S)
    assert bench.get(chip.ADDRESS, 0, 1) == b"\x59"
    bench.clock.run(S)
    assert bench.get(chip.ADDRESS, 0, 7) == bytes.fromhex(f"000000{monday:02x}010124")
    bench.clock.run(6 * DAY)
    # Sunday again: the weekday goes round.
    assert bench.get(chip.ADDRESS, 3, 1)[0] == sunday
    bench.clock.run(5 * DAY + 43200 * S)
    assert bench.get(chip.ADDRESS, 2, 3) == bytes([0x12, {Ds3231: 0x06, Rx8025: 0x20}[kind], 0x12])


@given(
    kind=st.sampled_from([Ds3231, Rx8025]),
    time=st.datetimes(datetime(2000, 1, 1), datetime(2098, 1, 1)).map(
        lambda t: t.replace(microsecond=0)
    ),
    spans_s=st.lists(st.integers(0, 40_000_000), max_size=4),
)
def test_time_goes_on_as_a_calendar_does(kind, time, spans_s):
    bench = Bench()
    chip = kind(bench, time=time)
    for n, span_s in enumerate(spans_s):
        (chip.pass_by if n % 2 else bench.clock.run)(span_s * S)
    if (end := time + timedelta(seconds=sum(spans_s))).year < 2100:
        assert chip.time == end


@pytest.mark.parametrize("kind", [Ds3231, Rx8025])
def test_setting_starts_the_second_anew(kind):
    bench = Bench()
    chip = kind(bench, time=EVE)
    bench.clock.run(900_000_000)
    bench.put(chip.ADDRESS, 0, 0x30, 0x15, 0x08, 0x01, 0x29, 0x02, 0x24)
    bench.clock.run(900_000_000)
    assert chip.time == datetime(2024, 2, 29, 8, 15, 30)
    bench.clock.run(100_000_000)
    assert chip.time == datetime(2024, 2, 29, 8, 15, 31)
    # Other registers leave it as it runs.
    bench.clock.run(500_000_000)
    bench.put(chip.ADDRESS, 1, 0x20)
    bench.clock.run(500_000_000)
    assert chip.time == datetime(2024, 2, 29, 8, 20, 32)


def test_drift():
    bench = Bench()
    chip = Ds3231(bench, time=EVE, ppm=-100)
    bench.clock.run(10 * DAY)
    assert chip.time == EVE + timedelta(days=10, seconds=-87)


@pytest.mark.parametrize(("kind", "flag"), [(Ds3231, (0x0F, 0x80)), (Rx8025, (0x0E, 0x02))])
def test_the_flag_that_tells_of_lost_time(kind, flag):
    bench = Bench()
    register, mask = flag
    never_set = kind(bench)
    assert never_set.stopped_flag
    chip = kind(bench, time=EVE)
    assert not chip.stopped_flag
    assert not bench.get(chip.ADDRESS, register, 1)[0] & mask
    chip.battery_out()
    assert chip.stopped_flag and chip.time != EVE
    assert bench.get(chip.ADDRESS, register, 1)[0] & mask
    bench.put(chip.ADDRESS, register, 0)
    assert not chip.stopped_flag
    # It cannot be set by writing.
    bench.put(chip.ADDRESS, register, 0xFF)
    assert not chip.stopped_flag


def test_a_ds3231_in_12_hours_and_beyond_the_century():
    bench = Bench()
    chip = Ds3231(bench, time=EVE)
    for byte, hour in ((0x52, 0), (0x41, 1), (0x72, 12), (0x71, 23)):
        bench.put(chip.ADDRESS, 0, 0, 0, byte)
        assert chip.time.hour == hour
        bench.clock.run(3600 * S)
        assert chip.time.hour == (hour + 1) % 24
        assert bench.get(chip.ADDRESS, 2, 1)[0] & 0x40
    chip = Ds3231(bench, time=datetime(2099, 12, 31, 23, 59, 59))
    bench.clock.run(S)
    assert bench.get(chip.ADDRESS, 4, 3) == b"\x01\x81\x00"


def test_a_ds3231_is_not_torn_and_an_rx8025_is():
    def torn(chip):
        bench = Bench()
        chip = chip(bench, time=EVE.replace(second=59))
        bench.clock.run(S - 1)
        bench.put(chip.ADDRESS, 0)
        bench.bus.start(chip.ADDRESS, True)
        second = bench.bus.read()
        bench.clock.run(1)
        return second, bytes(bench.bus.read() for _ in range(6))

    assert torn(Ds3231) == (0x59, bytes.fromhex("592301311223"))
    assert torn(Rx8025) == (0x59, bytes.fromhex("000002010124"))


def test_an_rx8025_in_test_mode_or_reset_stands_still():
    bench = Bench()
    chip = Rx8025(bench, time=EVE)
    for register, byte in ((0x0D, 0x80), (0x0F, 0x41)):
        bench.put(chip.ADDRESS, register, byte)
        before = chip.time
        bench.clock.run(10 * S)
        assert chip.time == before
        bench.put(chip.ADDRESS, register, 0x00)
        bench.clock.run(10 * S)
        assert chip.time == before + timedelta(seconds=10)


def test_nonsense_in_the_registers_stands_still():
    bench = Bench()
    chip = Ds3231(bench, time=EVE)
    bench.put(chip.ADDRESS, 4, 0x32)
    bench.clock.run(100 * S)
    assert chip.time is None
    assert bench.get(chip.ADDRESS, 0, 5) == bytes.fromhex("5859230132")


def test_an_fram_keeps_what_was_acknowledged():
    bench = Bench()
    chip = FramChip(bench)
    bench.put(0x50, 0x12, 0x34, 1, 2, 3)
    assert chip.contents[0x1234:0x1238] == b"\x01\x02\x03\x00"
    assert chip.bytes_written == 3
    # A master that goes away in the middle.
    bench.bus.start(0x50, False)
    for byte in (0x12, 0x34, 9, 8):
        bench.bus.write(byte)
    bench.bus.break_off()
    bench.put(0x50, 0x12, 0x34)
    bench.bus.start(0x50, True)
    assert [bench.bus.read() for _ in range(4)] == [9, 8, 3, 0]
    # Its top address bit does not count, and it ends where it begins.
    bench.put(0x50, 0xFF, 0xFF, 5, 6)
    assert (chip.contents[SIZE - 1], chip.contents[0]) == (5, 6)
    with pytest.raises(ValueError, match="do not fit"):
        FramChip(bench, contents=bytes(SIZE + 1))
