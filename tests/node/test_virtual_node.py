"""The node in virtual time among simulators on the host: pins, lines, time, lives, its end."""

import pytest
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.bus.heat_meter import HeatMeter
from sibiao.sim.hostile.result import Plan

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, HEAT, MS, WATER, S
from tests.node.at_prompt import run
from tests.node.vm_board import Printed
from tests.soak.hostile import at_rest, quiet_node

pytestmark = pytest.mark.vm


def test_pulses_bus_and_uplink_as_on_every_node():
    with quiet_node(load("sample")) as node:
        meter = HeatMeter(
            node.clock, node.line(BUS), address=bytes.fromhex("11110017312151")[::-1]
        )
        asking.pulses(node, 7)
        assert asking.read(node, WATER, "00010000") == 123457
        assert asking.read(node, CONVERTER, "E0010900") == 7
        node.run(6 * S)
        assert asking.read(node, HEAT, "00010000") <= meter.truth()["heat"].value
    assert node.report["ended"] == "finished" and node.report["overruns"] == 0
    assert node.report["virtual_us"] == pytest.approx(node.clock.now_ns / 1000, abs=2)


def test_pins_of_the_board_are_told():
    loaded = load("sample")
    with quiet_node(loaded) as node:
        seen = []
        for _ in range(300):
            node.run(10 * MS)
            seen.append(node.get_pin(loaded.board.led))
    assert set(seen) == {0, 1}


def test_time_passes_as_far_as_it_is_let():
    with quiet_node(load("sample")) as node:
        start_ns = node.clock.now_ns
        called = []
        node.clock.call_later(1_234_567_000, lambda: called.append(node.clock.now_ns))
        assert not node.run_until(lambda: bool(called), S)
        assert node.clock.now_ns == start_ns + S
        assert node.run_until(lambda: bool(called), S)
        assert called == [start_ns + 1_234_567_000] == [node.clock.now_ns]


def test_bytes_at_another_rate_are_garbage():
    with quiet_node(load("sample")) as node:
        line, heard = node.line(asking.UPLINK), []
        line.on_byte = heard.append
        for baud, answered in ((9600, False), (2400, True)):
            line.settings(baud, "E")
            line.send(b"\xfe" * 4 + asking.frame("aaaaaaaaaaaa", 0x13))
            node.run(2 * S)
            assert bool(heard) == answered


def at_prompt(main="", **options):
    return VirtualNode({"/main.py": main.encode()}, **options)


def test_ctrl_c_ends_a_wait_and_the_prompt_is_the_boards():
    with at_prompt("import time\nprint('up')\ntime.sleep(1000)\n") as node:
        printed = Printed(node)
        printed.until("up")
        node.run(S)
        node.console_write(b"\x03")
        assert "KeyboardInterrupt" in printed.until(">>> ")
        assert node.clock.now_ns < 2 * S
        node.console_write(b"6 *\x08// 0\r")
        assert "ZeroDivisionError" in printed.until("Error: ")
    with at_prompt() as node:
        code = "import asyncio\nasync def wait(): await asyncio.sleep(3)\nasyncio.run(wait())\n"
        assert run(node, code + "print(6 * 7)") == "42\n"
        assert 3 * S <= node.clock.now_ns < 4 * S


def test_a_power_cut_leaves_what_is_on_flash_and_nothing_else():
    code = "with open('/kept', 'a') as f: f.write('x')\nimport machine\n"
    code += "machine.mem32[0x4005800c] = 7\np = machine.Pin(5, machine.Pin.OUT, value=1)\n"
    with at_prompt() as node:
        run(node, code)
        assert node.get_pin(5) == 1
        node.power_cut()
        assert node.get_pin(5) == 0
        ask = "import machine\nprint(open('/kept').read(), machine.mem32[0x4005800c])"
        assert run(node, ask) == "x 0\n"
        assert node.flash_files() == {"/main.py": b"", "/kept": b"x"}
        node.power_cut_in_flash(0)
        node.console_write(b"\x01with open('/kept', 'a') as f: f.write('y')\x04")
        assert node.run_until(lambda: len(node.starts) == 3, S)
        assert node.flash_files()["/kept"] in (b"x", b"xy")
        assert node.starts == ["power"] * 3


@pytest.mark.parametrize(
    ("ends", "start", "cause"),
    [
        ("machine.WDT(timeout=2000)\ntime.sleep(9)", "watchdog", 3),
        ("machine.WDT(timeout=2000)\nwhile True: pass", "watchdog", 3),
        ("machine.reset()", "reset", 3),
        ("machine.soft_reset()", "soft", 1),
    ],
)
def test_how_a_life_ends_and_what_the_next_one_knows(ends, start, cause):
    code = "import machine, time\nmachine.RTC().datetime((2026, 3, 25, 0, 12, 0, 0, 0))\n"
    code += f"machine.mem32[0x4005800c] = 7\n{ends}\n"
    with at_prompt() as node:
        node.console_write(b"\x01" + code.encode() + b"\x04")
        begun_ns = node.clock.now_ns
        assert node.run_until(lambda: len(node.starts) == 2, 5 * S)
        took_ns = node.clock.now_ns - begun_ns
        assert 2 * S <= took_ns < 2010 * MS if start == "watchdog" else took_ns < 100 * MS
        assert node.starts == ["power", start]
        ask = "import machine, time\nprint(machine.reset_cause(), machine.mem32[0x4005800c])\n"
        seen = run(node, ask + "print(time.localtime()[:5])")
        assert seen == f"{cause} 7\n(2026, 3, 25, 12, 0)\n"


def test_a_simulator_that_waits_is_an_error():
    with at_prompt() as node:
        node.clock.call_later(MS, lambda: node.run(S))
        with pytest.raises(SibiaoError, match="must not wait"):
            node.run(S)


def test_bytes_in_flight_go_with_the_board():
    code = "from machine import UART\nUART(0, 300, parity=0, txbuf=64).write(bytes(range(32)))"
    with at_prompt() as node:
        line, heard = node.line(0), []
        line.on_byte = heard.append
        line.settings(300, "E")
        run(node, code)
        assert node.run_until(lambda: len(heard) >= 5, S)
        node.power_cut()
        node.run(2 * S)
        assert heard == list(range(len(heard))) and len(heard) < 8


def test_same_seed_same_life():
    first, again = (at_rest(Plan(15), errors=1e-3).as_json() for _ in range(2))
    assert first == again


def test_firmware_that_loops_without_looking_is_an_error():
    from sibiao.firmware.slot import firmware_sources

    sources = firmware_sources()
    sources["converter/app/node.py"] += "\nwhile True:\n    pass\n"
    with pytest.raises(SibiaoError, match="has not looked up for 1 s"):
        quiet_node(load("sample"), sources=sources, patience_s=1)


def test_a_vm_that_dies_is_an_error():
    with at_prompt() as node:
        node._child._process.kill()
        with pytest.raises(SibiaoError, match="without a report"):
            node.run(S)
