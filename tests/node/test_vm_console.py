"""The VM board's prompt, as mpremote and people use it."""

import hashlib
import os
import signal
import subprocess
import sys

import pytest
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.serve import ConsolePty

pytestmark = pytest.mark.vm

MS = 1_000_000
S = 1000 * MS

MAIN = """
import time
print("main runs")
while True:
    time.sleep_ms(10)
"""


@pytest.fixture
def node():
    with VmNode(vm_binary(), {"/main.py": MAIN.encode(), "/boot.py": b"booted = 1"}) as node:
        yield node


def talk(node, *pieces, until, limit_ns=3 * S):
    seen = bytearray()
    for piece in pieces:
        node.console_write(piece)
        node.run(20 * MS)

    def done():
        seen.extend(node.console_read())
        return until in seen

    assert node.run_until(done, limit_ns), bytes(seen)
    return bytes(seen)


@pytest.fixture
def at_prompt(node):
    talk(node, until=b"main runs\r\n")
    talk(node, b"\x03", until=b">>> ")
    return node


def test_ctrl_c_interrupts_a_waiting_program(node):
    talk(node, until=b"main runs\r\n")
    start_ns = node.clock.now_ns
    seen = talk(node, b"\x03", until=b">>> ")
    assert b"KeyboardInterrupt" in seen
    assert node.clock.now_ns - start_ns < 90 * MS
    assert node.starts == ["power"]


@pytest.mark.parametrize("code", [b"while True:\r    pass\r\r", b"x = input()\r"])
def test_ctrl_c_interrupts_a_program_that_never_waits(at_prompt, code):
    at_prompt.console_write(code)
    at_prompt.run(50 * MS)
    assert b"KeyboardInterrupt" in talk(at_prompt, b"\x03", until=b"\r\n>>> ")
    assert talk(at_prompt, b"6*7\r", until=b"\r\n>>> ") == b"6*7\r\n42\r\n>>> "


def test_ctrl_c_during_asyncio_reaches_the_handler(at_prompt):
    code = b"""
import asyncio
async def main():
    try:
        await asyncio.sleep(60)
    finally:
        print("cleaned up")
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("caught")
"""
    at_prompt.console_write(b"\x05" + code.replace(b"\n", b"\r") + b"\x04")
    at_prompt.run(50 * MS)
    assert b"caught" in talk(at_prompt, b"\x03", until=b"caught\r\n>>> ")


def test_a_program_may_take_ctrl_c_for_data(at_prompt):
    code = b"import micropython, sys; micropython.kbd_intr(-1); print(sys.stdin.buffer.read(3))\r"
    at_prompt.console_write(code)
    at_prompt.run(50 * MS)
    assert b"b'a\\x03b'" in talk(at_prompt, b"a\x03b", until=b"b'\r\n")


def test_lines_blocks_and_editing(at_prompt):
    assert b"\r\n5\r\n" in talk(at_prompt, b"len('abcdx\x7fe')\r", until=b"\r\n>>> ")
    block = talk(at_prompt, b"for i in range(2):\r", b"    i * 10\r", b"\r", until=b"10\r\n>>> ")
    assert b"\r\n0\r\n10\r\n" in block
    assert b"\r\n7\r\n" in talk(at_prompt, b"max(\r3,\r7)\r", until=b"\r\n>>> ")
    error = talk(at_prompt, b"1/0\r", until=b"\r\n>>> ")
    assert error.replace(b"\r\n", b"\n") == (
        b"1/0\nTraceback (most recent call last):\n"
        b'  File "<stdin>", line 1, in <module>\nZeroDivisionError: divide by zero\n>>> '
    )


def test_stdin_is_an_asyncio_stream(at_prompt):
    code = b"""
import asyncio, sys
async def main():
    print("got", await asyncio.StreamReader(sys.stdin).readline())
asyncio.run(main())
"""
    at_prompt.console_write(b"\x05" + code.replace(b"\n", b"\r") + b"\x04")
    at_prompt.run(50 * MS)
    talk(at_prompt, b"a line\n", until=b"got b'a line\\n'\r\n")


def test_raw_mode_to_the_letter(at_prompt):
    assert talk(at_prompt, b"\x01", until=b">").endswith(b"raw REPL; CTRL-B to exit\r\n>")
    assert talk(at_prompt, b"print(1)\n\x04", until=b"\x04>") == b"OK1\n\x04\x04>"
    failed = talk(at_prompt, b"print(2)\nxyz\x04", until=b"\x04>")
    assert failed.startswith(
        b'OK2\n\x04Traceback (most recent call last):\n  File "<stdin>", line 2'
    )
    assert failed.endswith(b"NameError: name 'xyz' isn't defined\n\x04>")
    assert talk(at_prompt, b"\x05A\x01", until=b"\x01\x00\x02\x01") == b"R\x01\x00\x02\x01"
    assert talk(at_prompt, b"print(3)\x04", until=b"\x04>") == b"\x043\n\x04\x04>"
    # A soft reset in raw mode runs boot.py, not main.py, and stays in raw mode.
    reset = talk(at_prompt, b"\x04", until=b"exit\r\n>")
    assert reset == b"OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>"
    assert talk(at_prompt, b"print(booted)\x04", until=b"\x04>") == b"OK1\n\x04\x04>"
    assert b"MicroPython v1." in talk(at_prompt, b"\x02", until=b"\r\n>>> ")


class Mpremote:
    """The stock tool on the board's port, while the node runs in this thread."""

    def __init__(self, node, path):
        self.node = node
        self.path = path

    def __call__(self, *arguments, limit_ns=30 * S):
        command = [sys.executable, "-m", "mpremote", "connect", self.path, *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if not self.node.run_until(lambda: process.poll() is not None, limit_ns):
            process.kill()
        output = process.communicate()[0].decode()
        assert process.returncode == 0, output
        return output.replace("\r\n", "\n")


@pytest.fixture
def mpremote(node):
    with ConsolePty(node) as port:
        yield Mpremote(node, port.path)


def test_mpremote_runs_code_and_interrupts_main(mpremote):
    assert mpremote("exec", "print(6 * 7)") == "42\n"
    assert mpremote("eval", "booted") == "1\n"


def test_mpremote_copies_and_checks_files(mpremote, tmp_path):
    content = os.urandom(20_000)
    source = tmp_path / "data.bin"
    source.write_bytes(content)
    mpremote("fs", "cp", source, ":/data.bin")
    assert mpremote.node.flash_files()["/data.bin"] == content
    assert hashlib.sha256(content).hexdigest() in mpremote("fs", "sha256sum", ":/data.bin")
    back = tmp_path / "back.bin"
    mpremote("fs", "cp", ":/data.bin", back)
    assert back.read_bytes() == content
    mpremote("fs", "mkdir", ":/a")
    assert " a/" in mpremote("fs", "ls", ":/")


def test_mpremote_resets(mpremote):
    node = mpremote.node
    mpremote("reset")
    assert node.run_until(lambda: node.starts[-1] == "reset", 5 * S)
    assert mpremote("exec", "import machine; print(machine.reset_cause())") == "3\n"
    mpremote("soft-reset")
    assert "soft" in node.starts
    node.power_cut()
    assert mpremote("exec", "import machine; print(machine.reset_cause())") == "1\n"


def test_served_board(tmp_path):
    files = tmp_path / "files"
    (files / "lib").mkdir(parents=True)
    (files / "lib" / "hello.py").write_text("greeting = 'hello from the served board'")
    command = [sys.executable, "-m", "sibiao.node.vm.serve", "--vm", vm_binary()]
    process = subprocess.Popen(
        [*command, "--files", files, "--flash", tmp_path / "flash"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    port = process.stdout.readline().strip()
    code = "import hello; print(hello.greeting)"
    command = [sys.executable, "-m", "mpremote", "connect", port, "exec", code]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert (answer.stdout.strip(), answer.stderr) == ("hello from the served board", "")
    assert process.communicate()[1] == ""
