"""The emulated Pico around the processor: time, pins, watchdog, copies, console."""

import os
import pathlib
import subprocess
import sys

import pytest
from sibiao.errors import SibiaoError
from sibiao.node.pico import DeviceError, EmulatedPico
from sibiao.node.pico.fork import in_fork
from sibiao.node.pico.served import ConsoleServer

from tests.node.pico_board import MS, S, booted, image, printed, start

pytestmark = pytest.mark.pico


# What is printed before the console is on the bus is lost, as on a board.
MAIN = b"""
import time
time.sleep_ms(100)
print('started', open('/a/b/data').read())
"""


def pulses(count, high_ns, low_ns):
    for _ in range(count):
        yield high_ns, 0
        yield low_ns, 1


@in_fork
def test_code_runs_and_its_exceptions_come_back():
    board = booted()
    assert board.exec_raw("print(6*7)") == "42\n"
    with pytest.raises(DeviceError, match="ZeroDivisionError"):
        board.exec_raw("1/0")
    assert board.exec_raw("print('still here')") == "still here\n"


@in_fork
def test_run_ends_at_the_instant_asked_for():
    board = booted()
    for span_ns in (1, 999, MS, 17 * MS + 3):
        start_ns = board.clock.now_ns
        board.run(span_ns)
        assert 0 <= board.clock.now_ns - start_ns - span_ns < 200


def test_a_run_is_repeated_exactly():
    def run(board):
        board.exec_raw("x=[i*i for i in range(200)]\nprint(time.ticks_us())")
        return board.clock.now_ns, board.chip.mcu.core.cycles, bytes(board.chip.mcu.sram[:65536])

    assert booted().forked(run) == booted().forked(run)


def test_copies_know_nothing_of_each_other():
    board = booted()
    before = board.clock.now_ns
    assert board.forked(lambda copy: copy.exec_raw("y=1\nprint(y)")) == "1\n"
    with pytest.raises(DeviceError, match="NameError") as caught:
        board.forked(lambda copy: copy.exec_raw("print(y)"))
    assert "in the forked copy" in caught.value.__notes__[0]
    assert board.clock.now_ns == before


@in_fork
def test_hard_interrupts_at_1_khz_lose_nothing():
    board = booted()
    board.exec_raw(
        "n=0\ndef count(p):\n global n\n n+=1\n"
        "p=machine.Pin(15,machine.Pin.IN,machine.Pin.PULL_UP)\n"
        "p.irq(count,machine.Pin.IRQ_FALLING,hard=True)"
    )
    train = board.edges(15, pulses(300, 500_000, 500_000))
    assert board.run_until(lambda: train.finished, S)
    assert train.emitted == 600
    assert board.exec_raw("print(n)") == "300\n"


@in_fork
def test_driving_the_level_that_is_there_is_no_edge():
    board = booted()
    board.exec_raw(
        "n=0\ndef count(p):\n global n\n n+=1\n"
        "p=machine.Pin(15,machine.Pin.IN,machine.Pin.PULL_UP)\n"
        "p.irq(count,machine.Pin.IRQ_FALLING|machine.Pin.IRQ_RISING,hard=True)"
    )
    for level in (1, 1, 0, 0, 1):
        board.set_pin(15, level)
        board.run(MS)
    assert board.exec_raw("print(n)") == "2\n"


@in_fork
def test_outputs_are_seen_when_they_change():
    board = booted()
    seen = []
    board.watch_pin(25, lambda level: seen.append((board.clock.now_ns, level)))
    board.exec_raw("led=machine.Pin(25,machine.Pin.OUT,value=1)\ntime.sleep_ms(5)\nled(0)")
    assert [level for _, level in seen] == [1, 0]
    assert 5 * MS <= seen[1][0] - seen[0][0] < 6 * MS
    assert board.get_pin(25) == 0


@in_fork
def test_pio_counts_edges_though_it_slept_until_now():
    board = booted()
    assert not board.chip.mcu.pio
    board.exec_raw(
        "import rp2\n@rp2.asm_pio()\ndef counter():\n mov(x,invert(null))\n label('l')\n"
        " wait(1,pin,0)\n wait(0,pin,0)\n jmp(x_dec,'l')\n"
        "s=rp2.StateMachine(0,counter,in_base=machine.Pin(16,machine.Pin.IN,machine.Pin.PULL_UP))\n"
        "s.active(1)"
    )
    train = board.edges(16, pulses(100, 100_000, 100_000))
    assert board.run_until(lambda: train.finished, S)
    assert board.exec_raw("s.exec('mov(isr,x)')\ns.exec('push()')\nprint(0xffffffff-s.get())") == (
        "100\n"
    )


@in_fork
def test_the_watchdog_resets_tells_so_and_is_off_afterwards():
    board = booted()
    start(
        board,
        "machine.mem32[0x40058000+0x0c]=0x5a5a1234\n"
        "w=machine.WDT(timeout=100)\nwhile True: pass\n",
    )
    begun_ns = board.clock.now_ns
    assert board.run_until(lambda: board.resets == 1, 2 * S)
    assert 100 * MS <= board.clock.now_ns - begun_ns < 130 * MS
    assert (
        board.exec_raw(
            "import machine\nprint(machine.reset_cause()==machine.WDT_RESET,"
            "hex(machine.mem32[0x40058000+0x0c]))"
        )
        == "True 0x5a5a1234\n"
    )
    board.run(20 * S)
    assert board.resets == 1, "nobody started the watchdog again"


@in_fork
def test_machine_reset_and_the_button():
    board = booted()
    start(board, "machine.reset()\n")
    assert board.run_until(lambda: board.resets == 1, S)
    cause = "import machine\nprint(machine.reset_cause()==machine.WDT_RESET)"
    assert board.exec_raw(cause) == "True\n"
    board.press_reset()
    assert board.exec_raw(cause) == "False\n"


def test_files_of_the_host_are_there_at_boot():
    files = {"/main.py": MAIN, "/a/b/data": b"x" * 300}
    board = EmulatedPico(image(), files=files)
    assert "started xxx" in printed(board, b"xxx\r\n")
    assert board.files() == files


def test_a_flash_goes_on_in_another_board():
    board = booted()

    def write(copy):
        copy.exec_raw("f=open('/n','w')\nf.write('7')\nf.close()")
        return copy.flash_bytes()

    after = EmulatedPico(image(), flash=board.forked(write))
    assert after.exec_raw("print(open('/n').read())") == "7\n"
    with pytest.raises(SibiaoError, match="2097152"):
        EmulatedPico(image(), flash=b"short")


def mpremote(address, *command):
    program = str(pathlib.Path(sys.executable).with_name("mpremote"))
    done = subprocess.run(
        [program, "connect", address, *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_mpremote_works_through_the_terminal(tmp_path):
    data = os.urandom(3000)
    (tmp_path / "data").write_bytes(data)
    with booted().serve_pty() as console:
        assert mpremote(console.path, "exec", "print(6*7)") == "42\n"
        mpremote(console.path, "fs", "cp", str(tmp_path / "data"), ":data")
        mpremote(console.path, "reset")
        assert "3000 data" in mpremote(console.path, "fs", "ls")
    assert EmulatedPico(image(), flash=console.flash).files() == {"/data": data}


def test_the_node_can_be_served_over_tcp_in_this_process():
    def serve(board):
        server = ConsoleServer(board, tcp_port=0)
        program = str(pathlib.Path(sys.executable).with_name("mpremote"))
        client = subprocess.Popen(
            [program, "connect", server.address, "exec", "print('over tcp')"],
            stdout=subprocess.PIPE,
        )
        server.serve(lambda: client.poll() is not None)
        server.close()
        return client.stdout.read().strip()

    assert booted().forked(serve) == b"over tcp"


def test_the_server_program_keeps_files_and_flash(tmp_path):
    (tmp_path / "files" / "a").mkdir(parents=True)
    (tmp_path / "files" / "a" / "data").write_text("of the host")
    command = [sys.executable, "-m", "sibiao.node.pico.serve", "--image", str(image())]
    command += ["--files", str(tmp_path / "files"), "--save", str(tmp_path / "flash")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip()
        write = "print(open('/a/data').read());f=open('/b','w');f.write('of the board');f.close()"
        assert mpremote(address, "exec", write) == "of the host\n"
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert server.returncode == 0
    after = EmulatedPico(image(), flash=(tmp_path / "flash").read_bytes())
    assert after.files() == {"/a/data": b"of the host", "/b": b"of the board"}
