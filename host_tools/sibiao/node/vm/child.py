"""One VM process: from the start of the board to its next reset."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import weakref
from pathlib import Path
from typing import Any

from sibiao.errors import SibiaoError
from sibiao.node.vm.control import ToBoard, pack

_START = Path(__file__).with_name("device") / "board" / "start.py"
# A pipe takes this much whole or not at all, so that no message is torn.
_ATOMIC = 4096


class Child:
    """The process with the host's ends of its pipes: `control` and `console` to read from, the
    UARTs' sockets, and the methods that send."""

    def __init__(
        self,
        vm: Path,
        heap_bytes: int,
        board: dict[str, Any],
        uarts: tuple[int, ...],
        console_input: int,
    ):
        ours, theirs = contextlib.ExitStack(), contextlib.ExitStack()
        with theirs:
            from_bench, self._to_board = _pipe(theirs, ours)
            self.control, to_bench = _pipe(ours, theirs)
            self.console, console_output = _pipe(ours, theirs)
            os.set_blocking(from_bench, False)
            os.set_blocking(self._to_board, False)
            os.set_blocking(self.console, False)
            self.uarts: dict[int, socket.socket] = {}
            their_uarts: dict[int, int] = {}
            for uart in uarts:
                end, far_end = socket.socketpair()
                self.uarts[uart] = ours.enter_context(end)
                their_uarts[uart] = theirs.enter_context(far_end).fileno()
                end.setblocking(False)
                far_end.setblocking(False)
            board = board | {
                "from_bench": from_bench,
                "to_bench": to_bench,
                "uarts": their_uarts,
            }
            try:
                self._process = subprocess.Popen(
                    [str(vm), "-X", f"heapsize={heap_bytes}", str(_START)],
                    stdin=console_input,
                    stdout=console_output,
                    stderr=console_output,
                    pass_fds=[from_bench, to_bench, *their_uarts.values()],
                    env={
                        **os.environ,
                        "MICROPYPATH": ".frozen",
                        # The board's calendar knows no time zone.
                        "TZ": "UTC",
                        # Not an argument: the VM makes names of those, at most 255 bytes long.
                        "SIBIAO_BOARD": json.dumps(board),
                    },
                    # Its own group: Ctrl-C in the user's terminal is not for the board.
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise SibiaoError(f"the MicroPython VM {vm} does not start: {error}.") from error
        self._unsent = bytearray()
        # Also when the node is forgotten without `close`.
        self._end = weakref.finalize(self, _end, self._process, ours)

    def tell(self, kind: ToBoard, index: int, value: int) -> None:
        self._unsent += pack(kind, index, value)
        self.flush()

    def flush(self) -> None:
        """Send what did not go into the pipe before because the board was not reading."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            while self._unsent:
                del self._unsent[: os.write(self._to_board, self._unsent[:_ATOMIC])]

    @property
    def has_unsent(self) -> bool:
        return bool(self._unsent)

    def interrupt(self) -> None:
        _signal(self._process, signal.SIGINT)

    def kill(self) -> None:
        """End it now, wherever it is."""
        _signal(self._process, signal.SIGKILL)

    def release(self) -> tuple[int, bytes]:
        """Wait for its end and close the pipes. Its exit code, and what it had still printed."""
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        printed = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.console, 65536):
                printed += part
        self._end()
        return code, printed


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    # The group: the VM may be started through a script.
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    read_end, write_end = os.pipe()
    reader.callback(os.close, read_end)
    writer.callback(os.close, write_end)
    return read_end, write_end


def _end(process: subprocess.Popen[bytes], ends: contextlib.ExitStack) -> None:
    _signal(process, signal.SIGKILL)
    process.wait()
    ends.close()
