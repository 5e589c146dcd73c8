"""A board on the VM: interrupts, serial lines, watchdog, power cuts, in real time."""

import time

import pytest
from sibiao.errors import SibiaoError

from tests.node.vm_board import Printed

pytestmark = pytest.mark.vm

MS = 1_000_000
S = 1000 * MS


def test_boot_then_main_then_the_prompt(board):
    node = board("print('main')", files={"/boot.py": b"print('boot')"})
    seen = Printed(node).until(">>> ")
    assert seen.index("boot") < seen.index("main") < seen.index("MicroPython v1.")


def test_every_edge_is_counted_while_asyncio_runs(board):
    node = board("""
import asyncio
from machine import Pin
edges = [0, 0]
def on_edge(pin):
    edges[pin.value()] += 1
Pin(2, Pin.IN, Pin.PULL_UP).irq(on_edge, Pin.IRQ_FALLING | Pin.IRQ_RISING, hard=True)
async def main():
    print("ready")
    while edges[1] < 200:
        await asyncio.sleep_ms(1000)
    print("edges", edges)
asyncio.run(main())
""")
    printed = Printed(node)
    printed.until("ready")
    for _ in range(200):
        node.set_pin(2, 0)
        node.run(MS)
        node.set_pin(2, 1)
        node.run(MS)
    assert "edges [200, 200]" in printed.until("\r\n>>> ")


def test_an_idle_board_sees_an_edge_at_once(board):
    node = board("""
import asyncio
from machine import Pin
led = Pin("LED", Pin.OUT)
Pin(3, Pin.IN).irq(lambda pin: led.value(pin.value()))
async def main():
    print("ready")
    await asyncio.sleep(60)
asyncio.run(main())
""")
    Printed(node).until("ready")
    for level in (1, 0, 1):
        start_ns = node.clock.now_ns
        node.set_pin(3, level)
        assert node.run_until(lambda level=level: node.get_pin(25) == level, S)
        assert node.clock.now_ns - start_ns < 50 * MS


def test_a_hard_handler_that_allocates_is_switched_off_as_on_a_board(board):
    node = board("""
from machine import Pin
calls = []
Pin(2, Pin.IN).irq(lambda pin: calls.append([1] * 100), hard=True)
""")
    printed = Printed(node)
    printed.until(">>> ")
    node.set_pin(2, 1)
    assert "MemoryError" in printed.until("allocation failed")
    node.console_write(b"len(calls)\r")
    assert "\r\n0\r\n" in printed.until("\r\n>>> ")


def test_pins_as_seen_from_outside(board):
    node = board("""
from machine import Pin
up = Pin(4, Pin.IN, Pin.PULL_UP); down = Pin(5, Pin.IN, Pin.PULL_DOWN)
out = Pin("GPIO6", Pin.OUT, value=1); drain = Pin(7, Pin.OPEN_DRAIN, Pin.PULL_UP, value=0)
print(up(), down(), out(), drain())
""")
    printed = Printed(node)
    assert "1 0 1 0" in printed.until(">>> ")
    assert [node.get_pin(gpio) for gpio in (4, 5, 6, 7)] == [1, 0, 1, 0]
    node.set_pin(4, 0)
    node.set_pin(6, 0)
    node.console_write(b"drain(1); print(up(), down(), out(), drain())\r")
    assert "0 0 1 1" in printed.until("\r\n>>> ")
    assert [node.get_pin(gpio) for gpio in (4, 5, 6, 7)] == [0, 0, 1, 1]


HANGS = """
import machine, time
print("cause", machine.reset_cause(), "scratch", hex(machine.mem32[0x4005800C]))
if machine.reset_cause() == machine.WDT_RESET:
    print("again")
else:
    machine.mem32[0x4005800C] = 0xCAFE0042
    with open("/state", "w") as f:
        f.write("kept")
    wdt = machine.WDT(timeout=300)
    for _ in range(10):
        time.sleep_ms(100)
        wdt.feed()
    print("hang")
    while True:
        pass
"""


def test_a_hung_board_is_reset_by_its_watchdog(board):
    node = board(HANGS)
    printed = Printed(node)
    printed.until("hang")
    hung_ns = node.clock.now_ns
    assert "cause 3 scratch 0xcafe0042" in printed.until("again")
    assert 250 * MS < node.clock.now_ns - hung_ns < 800 * MS
    assert node.starts == ["power", "watchdog"]
    assert node.flash_files()["/state"] == b"kept"
    node.power_cut()
    assert "cause 1 scratch 0x0" in printed.until("hang")


def test_the_watchdog_does_not_count_while_nobody_listens(board):
    node = board("""
import machine, asyncio
async def main():
    wdt = machine.WDT(timeout=200)
    print("on")
    while True:
        wdt.feed()
        await asyncio.sleep_ms(50)
asyncio.run(main())
""")
    Printed(node).until("on")
    time.sleep(0.5)
    node.run(500 * MS)
    assert node.starts == ["power"]


def test_a_file_survives_a_power_cut_and_ram_does_not(board):
    node = board("""
try:
    n = int(open("/state").read())
except OSError:
    n = 0
with open("/state", "w") as f:
    f.write(str(n + 1))
print("starts", n)
""")
    printed = Printed(node)
    for n in range(3):
        printed.until(f"starts {n}")
        node.power_cut()
    assert node.starts == ["power"] * 4


def test_power_cuts_at_any_flash_operation_leave_the_old_or_the_new_file(board):
    node = board(
        """
import time
n = int(open("/state").read())
print("state", n)
while True:
    time.sleep_ms(5)
    n += 1
    with open("/state", "w") as f:
        f.write(str(n))
""",
        files={"/state": b"0"},
    )
    printed = Printed(node)
    printed.until("state 0")
    last = 0
    for operations in range(1, 25):
        cuts = len(node.starts)
        node.power_cut_in_flash(operations)
        assert node.run_until(lambda cuts=cuts: len(node.starts) > cuts, 5 * S)
        printed.until("state ")
        now = int(printed.until("\r\n"))
        assert now >= last
        last = now
    assert last > 24


def test_timers_clock_and_identity(board):
    node = board(
        """
import machine, time, asyncio, binascii
print(binascii.hexlify(machine.unique_id()), machine.freq())
rtc = machine.RTC()
print(rtc.datetime()[:4])
rtc.datetime((2026, 3, 1, 6, 10, 20, 30, 0))
print(rtc.datetime()[:6], time.localtime()[:5])
fired = []
machine.Timer(period=20, callback=lambda t: fired.append("p"))
machine.Timer(mode=machine.Timer.ONE_SHOT, period=50, callback=lambda t: fired.append("o"))
async def main():
    await asyncio.sleep_ms(115)
asyncio.run(main())
print("".join(fired))
""",
        unique_id=b"\x01\x02\x03\x04\x05\x06\x07\x08",
    )
    seen = Printed(node).until(">>> ")
    assert "b'0102030405060708' 125000000" in seen
    assert "(2021, 1, 1, 4)" in seen
    assert "(2026, 3, 1, 6, 10, 20) (2026, 3, 1, 10, 20)" in seen
    assert "ppoppp" in seen


def test_interrupts_wait_while_they_are_disabled(board):
    node = board("""
import machine, time
from machine import Pin
order = []
Pin(2, Pin.IN).irq(lambda pin: order.append("edge"))
state = machine.disable_irq()
print("now")
time.sleep_ms(100)
order.append("enable")
machine.enable_irq(state)
print(order)
""")
    printed = Printed(node)
    printed.until("now")
    node.set_pin(2, 1)
    assert "['enable', 'edge']" in printed.until(">>> ")


def test_a_flag_set_by_an_interrupt_wakes_a_task_and_the_heap_stays_flat(board):
    node = board("""
import asyncio, gc, os
from machine import Pin
os.sync()
flag = asyncio.ThreadSafeFlag()
edges = 0
def on_edge(pin):
    global edges
    edges += 1
    flag.set()
Pin(2, Pin.IN).irq(on_edge, hard=True)
async def main():
    print("ready")
    before = 0
    while edges < 2000:
        await flag.wait()
        gc.collect()
        before = before or gc.mem_alloc()
    gc.collect()
    print("grown", gc.mem_alloc() - before, "edges", edges)
asyncio.run(main())
""")
    printed = Printed(node)
    printed.until("ready")
    for edge in range(2000):
        node.set_pin(2, 1 - edge % 2)
        if edge % 20 == 0:
            node.run(MS)
    grown, edges = printed.until("edges 2000").split()[-3::2]
    assert (int(grown) < 200, edges) == (True, "2000")


def test_what_the_chip_cannot_do_is_refused(board):
    node = board("""
from machine import UART, WDT, mem32
def refused(what, *args, **kwargs):
    try:
        what(*args, **kwargs)
    except ValueError as error:
        print("refused:", error)
refused(UART, 1, 9600, tx=0, rx=1)
refused(UART, 7, 9600)
refused(WDT, timeout=9000)
refused(lambda: mem32[0x40000000])
UART(1, 9600, tx=4, rx=5)
""")
    seen = Printed(node).until(">>> ")
    assert [line.partition("refused: ")[2] for line in seen.splitlines() if "refused" in line] == [
        "bad TX pin",
        "UART(7) doesn't exist",
        "timeout exceeds 8388",
        "mem32[0x40000000] is not simulated",
    ]
    assert "Error" not in seen
    with pytest.raises(SibiaoError, match="no UART 7; it has 0, 1"):
        node.line(7)
