"""A board on the VM as a process: what is told when it ends, what it leaves, how it starts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sibiao.errors import SibiaoError
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode

from tests.node.vm_board import Printed

pytestmark = pytest.mark.vm

MS = 1_000_000
S = 1000 * MS


def test_what_a_vm_that_ends_by_itself_said_is_told(board):
    node = board("import os; print('last words'); os.system('kill -9 $PPID')")
    with pytest.raises(SibiaoError, match=r"(?s)exit code -9.*last words"):
        node.run(2 * S)
    with pytest.raises(SibiaoError, match="has ended"):
        node.run(S)
    node.close()


def test_nothing_is_left_behind(board):
    before = set(os.listdir("/proc/self/fd"))
    node = VmNode(vm_binary(), {"/main.py": b"while True: pass"})
    node.run(50 * MS)
    node.power_cut()
    node.run(50 * MS)
    process = node._child._process
    node.close()
    node.close()
    assert process.returncode == -9
    assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    "waiting",
    [
        "time.sleep(60)",
        "asyncio.run(read_uart())",
        "uart.read(1)",
        "input()",
    ],
)
def test_a_board_ends_with_its_host(waiting, tmp_path):
    main = f"""
import asyncio, time
from machine import UART
uart = UART(0, 9600, timeout=60000)
async def read_uart():
    while True:
        await asyncio.StreamReader(uart).read(16)
print("ready")
{waiting}
"""
    host = f"""
import os
from pathlib import Path
from sibiao.node.vm.node import VmNode

from tests.node.vm_board import Printed
flash = Path({str(tmp_path / "flash")!r})
node = VmNode(Path({str(vm_binary())!r}), {{"/main.py": {main.encode()!r}}}, flash_image=flash)
node.run_until(lambda: b"ready" in node.console_read(), 5_000_000_000)
node.run(50_000_000)
print(node._child._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", host], capture_output=True, timeout=20, check=False
    )
    process = Path(f"/proc/{int(done.stdout)}/stat")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        # Whoever adopts it may leave the dead in peace for a while.
        if not process.exists() or process.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    os.kill(int(done.stdout), signal.SIGKILL)
    pytest.fail("the board still runs")


def test_a_board_starts_quickly(board):
    node = board("print('up')")
    Printed(node).until("up", 300 * MS)


def test_a_callback_must_not_wait(board):
    node = board()
    node.clock.call_later(0, lambda: node.run(S))
    with pytest.raises(SibiaoError, match="running already"):
        node.run(100 * MS)


def test_reset_and_soft_reset(board):
    node = board("import machine; print('cause', machine.reset_cause())")
    printed = Printed(node)
    printed.until("cause 1")
    printed.until(">>> ")
    node.console_write(b"\x04")
    assert "soft reboot\r\ncause 1" in printed.until(">>> ")
    node.console_write(b"machine.reset()\r")
    assert "cause 3" in printed.until(">>> ")
    assert node.starts == ["power", "soft", "reset"]
