"""A node in virtual time among simulators on the host: hours of traffic in minutes, the same
every time. Readers, meters and modules are those of `sibiao.sim`, written against `Clock`, `Line`.
"""

from __future__ import annotations

import os
import select
import struct
import subprocess
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.node.contract import I2cDevice
from sibiao.node.i2c_bus import I2cBus, raw_from_millivolts
from sibiao.node.virtual_clock import VirtualClock
from sibiao.node.vm import i2c
from sibiao.node.vm.pads import Pads
from sibiao.node.vm.virtual.board import GEOMETRY, write_flash
from sibiao.node.vm.virtual.life import command, environment, outcome
from sibiao.node.vm.virtual.pose import Pose

# As in device/_outside.py.
_TRANSMIT, _PIN, _I2C = 1, 2, 3
_SEND, _SETTINGS, _DRIVE, _END, _ANALOG, _ANSWER = 1, 2, 3, 4, 5, 6
_MESSAGE = struct.Struct("<qH")
_ENTRY = struct.Struct("<BBH")
_TIMES = struct.Struct("<qI")
_QUESTION = struct.Struct("<BBHI")
_ANSWERED = struct.Struct("<HI")
_PARITIES = {"N": 0, "O": 1, "E": 2}


class VirtualLine:
    """A `Line`. Until `settings` is called the far end has 2400 baud, even parity."""

    def __init__(self, tell: Callable[[int, bytes], None]):
        self.on_byte: Callable[[int], None] | None = None
        self._tell = tell

    def settings(self, baud: int, parity: Literal["N", "E", "O"] = "E") -> None:
        self._tell(_SETTINGS, struct.pack("<IB", baud, _PARITIES[parity]))

    def send(self, data: bytes) -> None:
        self._tell(_SEND, bytes(data))

    def arrived(self, byte: int) -> None:
        if self.on_byte:
            self.on_byte(byte)


class VirtualNode:
    """`clock`, `line`, pins, `set_analog`, `attach_i2c`, `run`, `run_until`, `close` of a `Node`,
    with the community's own chip: pins may have names, and what that chip has not is refused.

    With `flash_time` a page program takes 0.7 ms and an erase 60 ms, with interrupts off. The
    program takes `look_us` for each look at its hardware, an interrupt `handler_us`. `image` is a
    flash that is kept: where an earlier life has left it, it is used as it is.
    """

    kind = "vm"

    def __init__(
        self,
        loaded: Loaded,
        *,
        flash_time: bool = False,
        look_us: int = 20,
        handler_us: int = 50,
        sources: dict[str, str] | None = None,
        patience_s: float = 60.0,
        image: Path | None = None,
    ):
        self.clock = VirtualClock()
        self.report: dict[str, Any] = {}  # of the board, when it has ended: commits, erases ...
        self.printed = ""
        self._patience_s = patience_s
        self._folder = tempfile.TemporaryDirectory(prefix="sibiao-virtual-")
        image = image or Path(self._folder.name, "flash")
        if not image.exists():
            write_flash(image, loaded, sources)
        pose = Pose(loaded)
        self._lines = {
            uart: VirtualLine(lambda kind, data, uart=uart: self._entry(kind, uart, data))
            for uart in pose.uarts
        }
        self._pose = pose
        self._buses = {bus: I2cBus() for bus in pose.i2cs}
        self._pads = Pads()
        self._entries = b""
        self._output = Path(self._folder.name, "output")
        theirs_in, self._to_board = os.pipe()
        self._from_board, theirs_out = os.pipe()
        self._console, theirs_console = os.pipe()  # held open and silent
        world = {
            "seed": 1,
            "geometry": GEOMETRY,
            "flash": str(image),
            "flash_time": flash_time,
            "handler_us": handler_us,
            "look_us": look_us,
            "outside": (theirs_in, theirs_out),
            "chip": pose.as_json(),
        }
        self._held = (self._to_board, self._from_board, self._console, theirs_console)
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command(),
                stdin=self._console,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs_in, theirs_out),
                env=environment(world),
                start_new_session=True,
            )
        os.close(theirs_in)
        os.close(theirs_out)
        # Also when the node is forgotten without `close`.
        weakref.finalize(self, _kill, self._process)
        self._start_us, told = self._hear()
        self._take(told)

    def __enter__(self) -> VirtualNode:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def line(self, uart: int) -> VirtualLine:
        return self._lines[uart]

    def set_pin(self, gpio: int | str, level: int) -> None:
        gpio = self._pose.number(gpio)
        if self._pads.drive(gpio, level):
            self._entry(_DRIVE, gpio, bytes([level]))

    def get_pin(self, gpio: int | str) -> int:
        return self._pads.level(self._pose.number(gpio))

    def set_analog(self, gpio: int | str, millivolts: int) -> None:
        raw = raw_from_millivolts(millivolts)
        self._entry(_ANALOG, self._pose.number(gpio), struct.pack("<H", raw))

    def attach_i2c(self, bus: int, address: int, device: I2cDevice | None) -> None:
        self._buses[bus].attach(address, device)

    def run(self, span_ns: int) -> None:
        self.run_until(lambda: False, span_ns)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        end_ns = self.clock.now_ns + limit_ns
        while not done():
            if self.clock.now_ns >= end_ns:
                return False
            self._answer(self.clock.next_ns(end_ns))
            now_us, told = self._hear()
            self._take(told)
            self.clock.run(max(0, (now_us - self._start_us) * 1000 - self.clock.now_ns))
        return True

    def close(self) -> None:
        """The supply is cut; `report` tells what the board did in its life."""
        if self._process.poll() is None:
            self._entry(_END, 0, b"")
            try:
                self._answer(self.clock.now_ns)
                self._process.wait(5)
            except (OSError, subprocess.TimeoutExpired):
                _kill(self._process)
        printed = self._output.read_bytes() if not self.report else b""
        for descriptor in self._held:
            os.close(descriptor)
        self._held = ()
        self._folder.cleanup()
        if b"\x1e" in printed:
            self.report, self.printed = outcome(printed, 0)

    # --- the board's questions and our answers

    def _entry(self, kind: int, index: int, data: bytes) -> None:
        self._entries += _ENTRY.pack(kind, index, len(data)) + data

    def _answer(self, due_ns: int) -> None:
        entries, self._entries = self._entries, b""
        due_us = self._start_us - (-due_ns // 1000)
        os.write(self._to_board, _MESSAGE.pack(due_us, len(entries)) + entries)

    def _hear(self) -> tuple[int, bytes]:
        now_us, size = _MESSAGE.unpack(self._read(_MESSAGE.size))
        return now_us, self._read(size)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            ready, _, _ = select.select([self._from_board], [], [], self._patience_s)
            part = os.read(self._from_board, size - len(data)) if ready else b""
            if not part:
                _kill(self._process)
                why = "has ended" if ready else f"has not looked up for {self._patience_s:g} s"
                printed = self._output.read_text(errors="replace")[-2000:].strip()
                raise SibiaoError(
                    f"the node in virtual time {why}; the last it printed: {printed}"
                )
            data += part
        return data

    def _take(self, told: bytes) -> None:
        at = 0
        while at < len(told):
            kind, index, size = _ENTRY.unpack_from(told, at)
            at += _ENTRY.size
            data = told[at : at + size]
            at += size
            if kind == _PIN:
                self._pads.board_set(index, data[0])
            elif kind == _TRANSMIT:
                self._transmitted(self._lines[index], data)
            elif kind == _I2C:
                self._asked(index, data)

    def _asked(self, bus: int, question: bytes) -> None:
        address, flags, to_read, hz = _QUESTION.unpack_from(question)
        data = question[_QUESTION.size :]
        acknowledged, answer = i2c.passed(self._buses[bus], address, flags, data, to_read)
        took = i2c.span(flags, data, answer, hz) // 1000
        self._entry(_ANSWER, bus, _ANSWERED.pack(acknowledged, took) + answer)

    def _transmitted(self, line: VirtualLine, data: bytes) -> None:
        start_us, byte_us = _TIMES.unpack_from(data)
        at_ns = (start_us - self._start_us) * 1000
        for byte in data[_TIMES.size :]:
            at_ns += byte_us * 1000
            self.clock.call_later(at_ns - self.clock.now_ns, lambda byte=byte: line.arrived(byte))


def _kill(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
