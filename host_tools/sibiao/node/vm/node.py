"""A converter on the MicroPython VM: a board whose chip is simulated and whose time is real."""

from __future__ import annotations

import os
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sibiao.errors import SibiaoError
from sibiao.node.contract import I2cDevice
from sibiao.node.i2c_bus import raw_from_millivolts
from sibiao.node.vm import flash
from sibiao.node.vm.child import Child
from sibiao.node.vm.chip import (
    CALENDAR_START_NS,
    HEAP_BYTES,
    I2C_COUNT,
    RESET_CAUSE,
    SCRATCH_COUNT,
    UNIQUE_ID,
    StartCause,
)
from sibiao.node.vm.console import Console
from sibiao.node.vm.control import FromBoard, Message, Parser, ToBoard
from sibiao.node.vm.i2c import I2c, attach
from sibiao.node.vm.line import VmLine, line_of
from sibiao.node.vm.loop import Loop
from sibiao.node.vm.pads import Pads
from sibiao.node.vm.watchdog import Watchdog

_RETRY_NS = 5_000_000


class VmNode:
    """A `Node`. It lives in real time from the moment it is made, but the host listens to it only
    inside `run` and `run_until`.

    `files` (absolute paths) are what is in the flash at first; with `flash_image` the flash is
    that file, kept, and `files` are used only when it does not exist yet. `chip`: what differs
    from an RP2040 (device/board/_pose.py). With `flash_time` a page program takes 0.7 ms and an
    erase 60 ms.
    """

    kind = "vm"

    def __init__(
        self,
        vm: Path,
        files: dict[str, bytes] | None = None,
        *,
        flash_image: Path | None = None,
        uarts: tuple[int, ...] = (0, 1),
        heap_bytes: int = HEAP_BYTES,
        unique_id: bytes = UNIQUE_ID,
        chip: dict[str, Any] | None = None,
        flash_time: bool = False,
    ):
        self.clock = Loop()
        self.console = Console(self.clock, lambda: self._tell(ToBoard.INTERRUPT, 0, 0))
        self.starts: list[StartCause] = []
        self._vm = vm
        self._heap_bytes = heap_bytes
        self._unique_id = unique_id
        self._chip = chip or {}
        self._flash_time = flash_time
        self._folder = None
        if flash_image is None:
            self._folder = tempfile.TemporaryDirectory(prefix="sibiao-vm-")
            flash_image = Path(self._folder.name) / "flash"
        self._flash = flash_image
        if not self._flash.exists():
            flash.write_image(self._flash, files or {})
        self._pads = Pads()
        self._lines = {uart: VmLine(self.clock, uart, self._tell) for uart in uarts}
        self._i2c = {bus: I2c(self.clock, self._tell) for bus in range(I2C_COUNT)}
        self._watchdog = Watchdog(self.clock, lambda: self._restart("watchdog"))
        self._child: Child | None = None
        self._start("power")

    def __enter__(self) -> VmNode:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # --- what a `Node` offers

    def line(self, uart: int) -> VmLine:
        return line_of(self._lines, uart)

    def set_pin(self, gpio: int, level: int) -> None:
        if self._pads.drive(gpio, level):
            self._tell(ToBoard.EDGE, gpio, level)

    def get_pin(self, gpio: int) -> int:
        return self._pads.level(gpio)

    def attach_i2c(self, bus: int, address: int, device: I2cDevice | None) -> None:
        attach(self._i2c, bus, address, device)

    def set_analog(self, gpio: int, millivolts: int) -> None:
        raw = raw_from_millivolts(millivolts)
        self._pads.set_analog(gpio, raw)
        self._tell(ToBoard.ANALOG, gpio, raw)

    def run(self, span_ns: int) -> None:
        self.run_until(lambda: False, span_ns)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        if self._child is None:
            raise SibiaoError("The node on the MicroPython VM has ended; power_cut() starts it.")
        self._watchdog.resume()
        try:
            return self.clock.run_until(done, limit_ns)
        finally:
            self._watchdog.pause()

    def console_write(self, data: bytes) -> None:
        self.console.write(data)

    def console_read(self) -> bytes:
        return self.console.read()

    def power_cut(self) -> None:
        self._restart("power")

    def close(self) -> None:
        self._stop()
        self.console.close()
        self.clock.close()
        if self._folder:
            self._folder.cleanup()

    # --- what only this node offers

    def power_off(self) -> None:
        """Until `power_cut`, which starts it."""
        self._stop()

    def power_cut_in_flash(self, operations: int) -> None:
        """Cut the power in the program or erase operation after `operations` more, half done."""
        self._tell(ToBoard.CUT_FLASH_AFTER, 0, operations)

    def flash_files(self) -> dict[str, bytes]:
        """What a reader of the flash would find in it now."""
        return flash.read_image(self._flash)

    # --- life of the board

    def _start(self, cause: StartCause) -> None:
        if cause != "soft":
            self._cause = cause
            self._rtc_offset_ns = CALENDAR_START_NS - time.time_ns()
            self.console.power_on()
        if cause == "power":
            self._scratch = [0] * SCRATCH_COUNT
        board = {
            "flash": str(self._flash.absolute()),
            "geometry": [flash.BLOCK_SIZE, flash.BLOCK_COUNT, flash.PAGE_SIZE],
            "raw": self.console.is_raw,
            "reset_cause": RESET_CAUSE[self._cause],
            "rtc_offset_ns": self._rtc_offset_ns,
            "scratch": self._scratch,
            "unique_id": self._unique_id.hex(),
            "chip": self._chip,
            "flash_time": self._flash_time,
        }
        child = Child(
            self._vm, self._heap_bytes, board, tuple(self._lines), self.console.board_end
        )
        self._child = child
        self._parser = Parser()
        self.starts.append(cause)
        self.console.board_started(child)
        for uart, line in self._lines.items():
            line.board_started(child.uarts[uart])
        self.clock.watch(child.control, lambda: self._listen(child))
        self.clock.watch(child.console, lambda: self._read_console(child))
        for gpio, level in self._pads.driven.items():
            self._tell(ToBoard.EDGE, gpio, level)
        for gpio, raw in self._pads.analog.items():
            self._tell(ToBoard.ANALOG, gpio, raw)

    def _stop(self) -> None:
        if self._child:
            self._child.kill()
            self._release()

    def _release(self) -> int:
        """Let go of a process that has ended or is about to. Its exit code."""
        child, self._child = self._child, None
        self.clock.unwatch(child.control)
        self.clock.unwatch(child.console)
        for line in self._lines.values():
            line.board_stopped()
        for i2c in self._i2c.values():
            i2c.board_stopped()
        self._pads.board_stopped()
        code, printed = child.release()
        self.console.printed(printed)
        return code

    def _restart(self, cause: StartCause) -> None:
        self._stop()
        if cause != "soft":
            self._watchdog.stop()
        self._start(cause)

    def _ended(self) -> None:
        code = self._release()
        last = self.console.last_lines()
        raise SibiaoError(
            f"The MicroPython VM ended by itself with exit code {code}"
            f"; the last it printed: {last or 'nothing'}"
        )

    # --- control channel

    def _tell(self, kind: ToBoard, index: int, value: int) -> None:
        child = self._child
        if child is None:
            return
        child.tell(kind, index, value)
        if child.has_unsent:
            self.clock.call_later(_RETRY_NS, lambda: self._retry(child))

    def _retry(self, child: Child) -> None:
        if child is self._child:
            child.flush()
            if child.has_unsent:
                self.clock.call_later(_RETRY_NS, lambda: self._retry(child))

    def _read_console(self, child: Child) -> None:
        if data := os.read(child.console, 65536):
            self.console.printed(data)
            return
        # It is ending, and has said why: that may stand in the other pipe still.
        while child is self._child:
            self._listen(child)

    def _listen(self, child: Child) -> None:
        data = os.read(child.control, 65536)
        if not data:
            self._ended()
        for message in self._parser.feed(data):
            self._take(message)
            if child is not self._child:
                return

    def _take(self, message: Message) -> None:
        match message:
            case (FromBoard.PIN, gpio, value, _):
                self._pads.board_set(gpio, value)
            case (FromBoard.TRANSMIT, uart, _, data):
                self._lines[uart].board_sent(data)
            case (FromBoard.RECEIVED, uart, count, _):
                self._lines[uart].board_read(count)
            case (FromBoard.UART_SETTINGS, uart, _, data):
                self._lines[uart].board_configured(data)
            case (FromBoard.I2C, bus, _, data):
                self._i2c[bus].board_asked(data)
            case (FromBoard.FEED, _, _, _):
                self._watchdog.feed()
            case (FromBoard.WATCHDOG, _, timeout_ms, _):
                self._watchdog.start(timeout_ms)
            case (FromBoard.CONSOLE_MODE, _, mode, _):
                self.console.board_mode(mode)
            case (FromBoard.INTERRUPTED, _, _, _):
                self.console.board_interrupted()
            case (FromBoard.SCRATCH, index, _, data):
                self._scratch[index] = struct.unpack("<I", data)[0]
            case (FromBoard.CLOCK, _, _, data):
                self._rtc_offset_ns = struct.unpack("<q", data)[0]
            case (FromBoard.RESET, _, _, _):
                self._restart("reset")
            case (FromBoard.SOFT_RESET, _, _, _):
                self._restart("soft")
            case (FromBoard.FLASH_CUT, _, _, _):
                self._restart("power")
