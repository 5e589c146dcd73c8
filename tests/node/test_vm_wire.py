"""Serial lines of the VM node: pacing, both directions, and what wrong settings make of bytes."""

import pytest
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.loop import Loop
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.wire import LineSettings, Sampler, Wire

MS = 1_000_000
S = 1000 * MS
FRAME = bytes.fromhex("FEFEFEFE68AAAAAAAAAAAA681300DF16")

ECHO = """
import asyncio
from machine import UART
uart = UART(1, 2400, bits=8, parity=0, stop=1, tx=4, rx=5, rxbuf=64)
async def main():
    reader = asyncio.StreamReader(uart)
    print("ready")
    while True:
        data = await reader.read(16)
        reader.write(data)
        await reader.drain()
asyncio.run(main())
"""


def sample(data, sender, receiver):
    sampler = Sampler(receiver)
    characters = [
        c
        for byte in data
        for level in sender.levels(byte)
        for c in sampler.feed(level, sender.bit_ns)
    ]
    return [*characters, *sampler.feed(1, 20 * receiver.bit_ns)]


@pytest.mark.parametrize("baud", [2400, 2340, 2460])
@pytest.mark.parametrize("parity", ["N", "E", "O"])
def test_equal_settings_and_small_deviations_arrive_whole(baud, parity):
    characters = sample(FRAME, LineSettings(baud, parity), LineSettings(2400, parity))
    assert bytes(c.byte for c in characters) == FRAME
    assert all(c.is_clean for c in characters)


def test_the_other_parity_is_an_error_in_every_byte():
    characters = sample(FRAME, LineSettings(2400, "E"), LineSettings(2400, "O"))
    assert bytes(c.byte for c in characters) == FRAME
    assert all(c.parity_error and not c.framing_error for c in characters)


def test_a_parity_bit_taken_for_the_stop_bit():
    # The parity bit of 0x16 (three ones) is 1: a good stop bit. That of 0x03 is 0: none.
    (good,) = sample(b"\x16", LineSettings(9600, "E"), LineSettings(9600, "N"))
    (bad,) = sample(b"\x03", LineSettings(9600, "E"), LineSettings(9600, "N"))
    assert (good.byte, good.is_clean) == (0x16, True)
    assert (bad.byte, bad.framing_error, bad.is_break) == (0x03, True, False)


def test_wrong_baud_rates_make_other_bytes():
    slow = sample(b"\x00", LineSettings(1200, "E"), LineSettings(9600, "E"))
    assert slow[0].is_break
    fast = sample(FRAME, LineSettings(9600, "E"), LineSettings(2400, "E"))
    assert 0 < len(fast) < len(FRAME)
    assert not any(bytes((c.byte,)) == b"\x68" and c.is_clean for c in fast)


def test_bytes_arrive_when_their_time_has_passed():
    loop = Loop()
    times_ns = []
    wire = Wire(loop, lambda character: times_ns.append(loop.now_ns), lambda: None)
    wire.sender = wire.receiver = LineSettings(9600, "E")
    start_ns = loop.now_ns
    wire.send(bytes(50))
    wire.send(bytes(50))
    assert loop.run_until(lambda: len(times_ns) == 100, S)
    char_ns = 11 * 1e9 / 9600
    late_ns = [t - start_ns - (i + 1) * char_ns for i, t in enumerate(times_ns)]
    # Never early; lateness does not add up.
    assert min(late_ns) > -100_000
    assert sorted(late_ns)[80] < 20 * MS
    loop.close()


class Meter:
    """The far end: keeps what it gets with its time."""

    def __init__(self, node, uart, baud=2400, parity="E"):
        self.node = node
        self.line = node.line(uart)
        self.line.settings(baud, parity)
        self.line.on_byte = self._got
        self.data = bytearray()
        self.times_ns = []

    def _got(self, byte):
        self.data.append(byte)
        self.times_ns.append(self.node.clock.now_ns)


@pytest.fixture
def boot():
    nodes = []

    def start(main):
        node = VmNode(vm_binary(), {"/main.py": main.encode()})
        nodes.append(node)
        printed = bytearray()

        def ready():
            printed.extend(node.console_read())
            return b"ready\r\n" in printed

        assert node.run_until(ready, 5 * S), printed.decode()
        return node

    yield start
    for node in nodes:
        node.close()


@pytest.mark.vm
def test_asyncio_echo_at_wire_speed(boot):
    node = boot(ECHO)
    meter = Meter(node, 1)
    start_ns = node.clock.now_ns
    meter.line.send(FRAME)
    assert node.run_until(lambda: len(meter.data) == len(FRAME), 5 * S), meter.data
    assert meter.data == FRAME
    char_ns = 11 * 1e9 / 2400
    # The echo of the last byte ends two character times after the frame's end at the earliest.
    assert node.clock.now_ns - start_ns >= (len(FRAME) + 1) * char_ns
    assert meter.times_ns[-1] - meter.times_ns[0] >= 0.9 * (len(FRAME) - 1) * char_ns


@pytest.mark.vm
def test_wrong_settings_are_garbage_to_the_board_and_silence_to_the_meter(boot):
    node = boot(ECHO)
    meter = Meter(node, 1, 2400, "O")
    meter.line.send(FRAME)
    node.run(300 * MS)
    # The board echoes what it read in spite of parity errors; the meter refuses every byte of it.
    assert meter.data == b""
    meter.line.settings(2400, "E")
    meter.line.send(FRAME)
    assert node.run_until(lambda: meter.data == FRAME, S), meter.data


@pytest.mark.vm
def test_nothing_read_means_the_oldest_bytes_of_a_full_buffer(boot):
    node = boot("""
from machine import UART
import time
uart = UART(0, baudrate=115200, rxbuf=64)
print("ready")
time.sleep_ms(200)
data = uart.read()
print(len(data), uart.any(), uart.read(1))
uart.write(data[-4:])
""")
    meter = Meter(node, 0, 115200, "N")
    meter.line.send(bytes(range(200)))
    assert node.run_until(lambda: len(meter.data) == 4, 5 * S)
    # The buffer of 64 and the chip's 32.
    assert meter.data == bytes(range(92, 96))
    assert meter.line.bytes_overrun == 200 - 96


@pytest.mark.vm
def test_the_driver_is_released_when_the_last_byte_has_gone(boot):
    node = boot("""
from machine import UART, Pin
import time
direction = Pin(6, Pin.OUT, value=0)
uart = UART(1, 9600, parity=0)
print("ready")
while not Pin(2, Pin.IN).value():
    time.sleep_ms(1)
direction(1)
start = time.ticks_us()
uart.write(b"0123456789")
print(uart.txdone())
uart.flush()
direction(0)
print(uart.txdone(), time.ticks_diff(time.ticks_us(), start))
""")
    meter = Meter(node, 1, 9600)
    levels = []
    meter.line.on_byte = lambda byte: (meter._got(byte), levels.append(node.get_pin(6)))
    node.set_pin(2, 1)
    assert node.run_until(lambda: len(meter.data) == 10, 5 * S)
    assert node.run_until(lambda: not node.get_pin(6), S)
    assert meter.data == b"0123456789"
    assert levels == [1] * 10
    node.run(50 * MS)
    first, second = node.console_read().strip().split(b"\r\n")[:2]
    assert first == b"False"
    done, elapsed_us = second.split()
    assert done == b"True"
    assert 10 * 11 / 9600 * 1e6 <= int(elapsed_us) < 100_000


@pytest.mark.vm
def test_reads_wait_as_long_as_they_were_told(boot):
    node = boot("""
from machine import UART
import time
uart = UART(1, 9600, parity=0, timeout=300, timeout_char=20)
print("ready")
buf = bytearray(32)
n = uart.readinto(buf)
print(n, bytes(buf[:n]))
start = time.ticks_ms()
print(uart.readline(), uart.read(5), time.ticks_diff(time.ticks_ms(), start) >= 300)
uart.init(timeout=0)
print(uart.read(5), uart.readinto(buf, 1), uart.any())
print("done")
""")
    meter = Meter(node, 1, 9600)
    meter.line.send(b"abcdef")
    node.run(100 * MS)
    meter.line.send(b"line\n")
    printed = bytearray()

    def done():
        printed.extend(node.console_read())
        return b"done" in printed

    assert node.run_until(done, 5 * S)
    lines = printed.decode().split("\r\n")
    assert "6 b'abcdef'" in lines
    assert "b'line\\n' None True" in lines
    assert "None None 0" in lines


@pytest.mark.vm
def test_any_counts_and_what_it_counted_wakes_a_reader(boot):
    node = boot("""
from machine import UART
import asyncio, time
uart = UART(1, 115200, parity=0, rxbuf=64)
async def main():
    stream = asyncio.StreamReader(uart)
    print("ready")
    while uart.any() < 40:
        await asyncio.sleep_ms(1)
    print(uart.any(), uart.read(10), uart.any())
    await stream.read(0)
    print(await asyncio.wait_for_ms(stream.read(30), 1000), uart.any())
    while uart.any() < 96:
        await asyncio.sleep_ms(1)
    uart.init(9600)
    print(uart.any())
    uart.init(rxbuf=32)
    print(uart.any())
    await stream.readexactly(1)
    print("end")
asyncio.run(main())
""")
    meter = Meter(node, 1, 115200)
    meter.line.send(b"0123456789" * 4)
    node.run(50 * MS)
    meter.line.send(bytes(200))
    node.run(50 * MS)
    meter.line.settings(9600)
    meter.line.send(b"!")
    node.run(50 * MS)
    assert node.console_read().decode().split("\r\n")[:5] == [
        "40 b'0123456789' 30",
        "b'012345678901234567890123456789' 0",
        "96",
        "0",
        "end",
    ]


@pytest.mark.vm
def test_a_uart_that_is_off_neither_hears_nor_remembers(boot):
    node = boot("""
from machine import UART, Pin
import time
print("ready")
while not Pin(2, Pin.IN).value():
    time.sleep_ms(1)
uart = UART(0, 9600, parity=0)
uart.write(b"on")
time.sleep_ms(50)
uart.write(uart.read() or b"-")
""")
    meter = Meter(node, 0, 9600)
    meter.line.send(b"lost")
    node.run(20 * MS)
    node.set_pin(2, 1)
    assert node.run_until(lambda: len(meter.data) == 3, 5 * S)
    assert meter.data == b"on-"
