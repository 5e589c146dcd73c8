"""One life of a node among simulators on the host: a VM process that asks before time passes."""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import time
import weakref
from pathlib import Path
from typing import Any

from sibiao.errors import SibiaoError
from sibiao.node.vm.virtual.life import MARK, command, environment, outcome

# As in device/_outside.py.
SEND, SETTINGS, CONSOLE, END = 1, 2, 3, 4
_MESSAGE = struct.Struct("<qI")
_ENTRY = struct.Struct("<BBH")

_GLANCE_S = 0.1
_MOST = 1 << 16

Entry = tuple[int, int, bytes]  # kind, index, data


class NeverLooks(SibiaoError):
    """The program does not look at its hardware, so no time passes."""


class Child:
    """`answer` lets it live until a time, `hear` says how far it came and what it did. Times are
    microseconds from the start of this life."""

    def __init__(self, world: dict[str, Any], output: Path, console: int, patience_s: float):
        self._patience_s = patience_s
        theirs_in, self._to_board = os.pipe()
        self._from_board, theirs_out = os.pipe()
        with output.open("wb") as printed:
            self._process = subprocess.Popen(
                command(),
                stdin=console,
                stdout=printed,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs_in, theirs_out),
                env=environment(world | {"outside": (theirs_in, theirs_out)}),
                start_new_session=True,
            )
        os.close(theirs_in)
        os.close(theirs_out)
        self._printed = os.open(output, os.O_RDONLY)
        self._entries = self._kept = self._heard = b""
        held = (self._to_board, self._from_board, self._printed)
        # Also when the node is forgotten without `close`.
        self._end = weakref.finalize(self, _end, self._process, held)
        self._start_us = 0
        heard = self._hear()
        if heard is None:
            self.release()
            raise SibiaoError("the node in virtual time ended before it began.")
        self._start_us, self.first = heard

    def tell(self, kind: int, index: int, data: bytes) -> None:
        """It hears of it with the next answer."""
        self._entries += _ENTRY.pack(kind, index, len(data)) + data

    def answer(self, due_us: int) -> None:
        entries, self._entries = self._entries, b""
        with contextlib.suppress(BrokenPipeError):
            os.write(
                self._to_board, _MESSAGE.pack(self._start_us + due_us, len(entries)) + entries
            )

    def hear(self) -> tuple[int, list[Entry]] | None:
        """None when this life has come to its end."""
        heard = self._hear()
        return heard and (heard[0] - self._start_us, heard[1])

    def printed(self) -> bytes:
        """What it has printed since the last call, but for the report at its end."""
        if self._end.alive:
            self._kept += os.read(self._printed, 1 << 24)
        printed, mark, report = self._kept.partition(MARK)
        self._kept = mark + report
        return printed

    def interrupt(self) -> None:
        """Nothing more than was told: what never looks at its hardware lets no time pass."""

    def finish(self) -> None:
        """The supply is cut, and it tells what it did in its life."""
        self.tell(END, 0, b"")
        self.answer(0)

    def release(self) -> tuple[dict[str, Any], bytes]:
        """The report of a life that has ended, and what it printed last."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        printed = self.printed()
        self.kill()
        report, _ = outcome(self._kept or printed, self._process.returncode)
        return report, printed

    def kill(self) -> None:
        self._end()

    def _hear(self) -> tuple[int, list[Entry]] | None:
        if not self._fill(_MESSAGE.size):
            return None
        now_us, size = _MESSAGE.unpack_from(self._heard)
        if not self._fill(_MESSAGE.size + size):
            return None
        told, self._heard = self._heard[_MESSAGE.size :], b""
        entries, at = [], 0
        while at < len(told):
            kind, index, n = _ENTRY.unpack_from(told, at)
            at += _ENTRY.size
            entries.append((kind, index, told[at : at + n]))
            at += n
        return now_us, entries

    def _fill(self, size: int) -> bool:
        """Whether so much was said; not when the board has ended. It says no more than one message
        before it is answered."""
        while len(self._heard) < size:
            if not self._has_said(_GLANCE_S):
                self._await()
            part = os.read(self._from_board, _MOST)
            if not part:
                return False
            self._heard += part
        return True

    def _has_said(self, within_s: float) -> bool:
        return bool(select.select([self._from_board], [], [], within_s)[0])

    def _await(self) -> None:
        """Until it has said something. Its own computing counts, for the computer may be busy."""
        begun_s, used_s = time.monotonic(), self._used_s()
        while not self._has_said(_GLANCE_S):
            waited_s = time.monotonic() - begun_s
            if self._used_s() - used_s >= self._patience_s or waited_s >= 60 * self._patience_s:
                raise NeverLooks(
                    f"the node in virtual time has not looked up for {self._patience_s:g} s; the "
                    f"last it printed: {self.printed()[-2000:].decode(errors='replace').strip()}"
                )

    def _used_s(self) -> float:
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8")
        except OSError:  # no Linux
            return time.monotonic()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _end(process: subprocess.Popen, descriptors: tuple[int, ...]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    for descriptor in descriptors:
        os.close(descriptor)
