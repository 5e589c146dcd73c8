"""I2C of the nodes: the same lines of MicroPython see the same chips."""

import pytest
from sibiao.errors import SibiaoError
from sibiao.node.pico.fork import in_fork
from sibiao.sim.chips.fram import FramChip

from tests.node.at_prompt import run
from tests.node.pico_board import MS, booted
from tests.node.vm_board import Printed

SDA, SCL = 20, 21


class Memory:
    """A chip with 256 registers, which notes what passed. `full_after` bytes it takes no more."""

    def __init__(self, full_after=1 << 30):
        self.registers = bytearray(range(256))
        self.seen = []
        self._pointer = None
        self._room = full_after

    def start(self, read):
        self.seen.append("read" if read else "write")
        if not read:
            self._pointer = None
        return True

    def write(self, byte):
        if not self._room:
            return False
        self._room -= 1
        if self._pointer is None:
            self._pointer = byte
        else:
            self.registers[self._pointer] = byte
            self._pointer = (self._pointer + 1) % 256
        return True

    def read(self):
        byte = self.registers[self._pointer]
        self._pointer = (self._pointer + 1) % 256
        return byte

    def stop(self):
        self.seen.append("stop")


BUS = f"""
import machine, time
from machine import I2C, Pin, ADC
i2c = I2C(0, scl=Pin({SCL}), sda=Pin({SDA}), freq=400000)
def attempt(what, *args):
    try:
        print(what(*args))
    except OSError as error:
        print("OSError", error.errno)
"""

CALLS = (
    BUS
    + """
print(i2c.scan())
print(i2c.readfrom_mem(0x50, 3, 5))
i2c.writeto_mem(0x50, 3, b"abc")
print(i2c.readfrom_mem(0x50, 2, 5), i2c.readfrom(0x50, 2))
buf = bytearray(20)
i2c.readfrom_mem_into(0x50, 250, buf)
print(buf)
print(i2c.writeto(0x50, b"\\x10"))
i2c.readfrom_into(0x50, memoryview(buf)[2:4])
print(buf[:5])
print(i2c.readfrom_mem(0x51, 0x7b, 1), i2c.readfrom_mem(0x51, 0x107b, 1, addrsize=16))
attempt(i2c.readfrom_mem, 0x52, 0, 1)
attempt(i2c.writeto_mem, 0x52, 0, b"x")
attempt(i2c.readfrom, 0x52, 1)
attempt(i2c.writeto, 0x52, b"")
attempt(i2c.writeto, 0x50, b"")
"""
)

SEEN = """\
[80, 81]
b'\\x03\\x04\\x05\\x06\\x07'
b'\\x02abc\\x06' b'\\x07\\x08'
bytearray(b'\\xfa\\xfb\\xfc\\xfd\\xfe\\xff\\x00\\x01\\x02abc\\x06\\x07\\x08\\t\\n\\x0b\\x0c\\r')
1
bytearray(b'\\xfa\\xfb\\x10\\x11\\xfe')
b'{' b'\\x11'
OSError 5
OSError 5
OSError 5
OSError 19
0
"""


def test_what_masters_ask_chips_answer(on_board):
    def body(node):
        chip, other = Memory(), Memory()
        node.attach_i2c(0, 0x50, chip)
        node.attach_i2c(0, 0x51, other)
        node.attach_i2c(1, 0x52, Memory())
        assert run(node, CALLS) == SEEN
        # scan; a register read with its repeated start; a register write.
        assert chip.seen[:8] == [
            "write",
            "stop",
            "write",
            "read",
            "stop",
            "write",
            "stop",
            "write",
        ]
        assert chip.registers[3:6] == b"abc"
        assert other.registers[0x10] == 0x7B, "both bytes of a 16-bit address came, high one first"
        node.attach_i2c(0, 0x50, None)
        assert run(node, "print(i2c.scan())") == "[81]\n"

    on_board(body)


def test_a_byte_that_is_refused_ends_the_message(on_board):
    def body(node):
        node.attach_i2c(0, 0x50, Memory(full_after=3))
        seen = run(node, BUS + "print(i2c.writeto(0x50, b'12345678'))")
        assert seen == "3\n"

    on_board(body)


def test_a_long_message_takes_its_time(on_timed_board):
    def body(node):
        node.attach_i2c(0, 0x50, Memory())
        seen = run(
            node,
            BUS + "buf = bytearray(1000)\nstart = time.ticks_us()\n"
            "i2c.readfrom_mem_into(0x50, 0, buf)\nspan = time.ticks_diff(time.ticks_us(), start)\n"
            "print(span, buf == bytes(range(256)) * 3 + bytes(range(232)))\n",
        )
        span_us, right = seen.split()
        assert right == "True"
        # 1003 bytes of 9 bits; the Pico's controller runs a little slower than it is told.
        assert 22_567 <= int(span_us) < 35_000

    on_timed_board(body)


def test_a_message_longer_than_the_time_out_is_cut(on_board):
    def body(node):
        chip = FramChip(node)
        code = "attempt(lambda: i2c.writeto_mem(0x50, 0, b'x' * 5000, addrsize=16))"
        assert run(node, BUS + code) == "OSError 110\n"
        # 50 ms are 2222 bytes.
        assert 1900 < chip.contents.count(b"x") < 2300

    on_board(body)


def test_what_is_not_there_is_refused(on_board):
    def body(node):
        code = """
from machine import I2C, ADC, Pin
def refused(what, *args, **kwargs):
    try:
        what(*args, **kwargs)
    except ValueError as error:
        print(error)
refused(I2C, 2)
refused(I2C, 0, scl=Pin(20), sda=Pin(21))
refused(I2C, 0, scl=Pin(3), sda=Pin(0))
refused(I2C, 0, scl=Pin(1), sda=Pin(2))
refused(ADC, Pin(25))
"""
        seen = run(node, code).splitlines()
        assert seen == [
            "I2C(2) doesn't exist",
            "bad SCL pin",
            "bad SCL pin",
            "bad SDA pin",
            "Pin doesn't have ADC capabilities",
        ]
        with pytest.raises(SibiaoError, match="no I2C bus 2"):
            node.attach_i2c(2, 0x50, Memory())
        with pytest.raises(SibiaoError, match="0x80 is not one of a chip"):
            node.attach_i2c(0, 0x80, Memory())

    on_board(body)


@pytest.mark.pico
@in_fork
def test_firmware_that_moves_the_pins_itself_meets_the_same_chips():
    board = booted()
    chip = Memory()
    board.attach_i2c(0, 0x50, chip)
    seen = board.exec_raw(
        BUS + f"from machine import SoftI2C\nsoft = SoftI2C(scl=Pin({SCL}), sda=Pin({SDA}))\n"
        "print(soft.scan(), soft.readfrom_mem(0x50, 100, 3))\n"
        "print(soft.writeto_mem(0x50, 100, b'xyz'), soft.readfrom_mem(0x50, 99, 5))\n"
        "soft.start()\nprint(soft.write(b'\\xa2'))\nsoft.stop()\n"
    )
    assert seen == "[80] b'def'\nNone b'cxyzg'\n0\n"


@pytest.mark.pico
@in_fork
def test_a_bus_that_is_held_low_times_out():
    board = booted()
    board.attach_i2c(0, 0x50, Memory())
    board.exec_raw(BUS)
    board.set_pin(SDA, 0)
    start_ns = board.clock.now_ns
    assert board.exec_raw("attempt(i2c.readfrom_mem, 0x50, 0, 1)") == "OSError 110\n"
    assert board.clock.now_ns - start_ns >= 50 * MS
    board.release_pin(SDA)
    assert board.exec_raw("attempt(i2c.readfrom_mem, 0x50, 7, 1)") == "b'\\x07'\n"


def test_an_fram_keeps_its_bytes_over_a_power_cut(on_board):
    def body(node):
        chip = FramChip(node)
        run(node, BUS + "i2c.writeto_mem(0x50, 0x7ffe, b'abcd', addrsize=16)")
        node.power_cut()
        seen = run(node, BUS + "print(i2c.readfrom_mem(0x50, 0x7ffd, 6, addrsize=16))")
        assert seen == "b'\\x00abcd\\x00'\n"
        assert chip.bytes_written == 4
        run(node, BUS + "i2c.writeto_mem(0x50, 0, bytes(range(256)) * 6, addrsize=16)")
        assert chip.contents[: 1536 + 1] == bytes(range(256)) * 6 + b"\x00"

    on_board(body)


def test_chips_are_asked_in_interrupts_too(on_board):
    def body(node):
        chip = Memory()
        node.attach_i2c(0, 0x50, chip)
        seen = run(
            node,
            BUS
            + """
seen = []
def on_edge(pin):
    seen.append(i2c.readfrom_mem(0x50, 0x41 + len(seen), 1))
Pin(2, Pin.IN, Pin.PULL_UP).irq(on_edge, Pin.IRQ_FALLING)
machine.Timer(period=3, callback=lambda timer: i2c.writeto_mem(0x50, 0, b"z"))
state = machine.disable_irq()
print(i2c.readfrom_mem(0x50, 0x40, 1))
machine.enable_irq(state)
""",
        )
        assert seen == "b'@'\n"
        for n in range(20):
            node.set_pin(2, n % 2)
            node.run(5 * MS)
        assert run(node, "print(b''.join(seen))") == "b'ABCDEFGHIJ'\n"
        assert chip.registers[0] == ord("z")

    on_board(body)


@pytest.mark.vm
def test_an_interrupted_message_leaves_the_next_one_whole(board):
    node = board()
    node.attach_i2c(0, 0x50, Memory())
    for n in range(10):
        node.console_write(b"\x01" + BUS.encode())
        node.console_write(b"print('on')\nwhile True: i2c.readfrom_mem(0x50, 0, 50)\n\x04")
        printed = Printed(node)
        printed.until("OKon")
        node.run((20 + n) * MS)
        node.console_write(b"\x03")
        printed.until("KeyboardInterrupt")
        assert run(node, "print(i2c.readfrom_mem(0x50, 0x61, 5))") == "b'abcde'\n"


@pytest.mark.vm
def test_a_power_cut_in_a_message(board):
    main = f"{BUS}\nprint('on')\nwhile True: i2c.writeto(0x50, bytes(400))\n"
    node = board(main)
    node.attach_i2c(0, 0x50, Memory())
    for n in range(5):
        Printed(node).until("on\r\n")
        node.run((10 + n) * MS)
        node.power_cut()
    assert node.starts == ["power"] * 6
