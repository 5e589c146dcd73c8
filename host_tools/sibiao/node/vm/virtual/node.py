"""A node in virtual time among simulators on the host: hours of traffic in minutes, the same
every time. Readers, meters and modules are those of `sibiao.sim`, written against `Clock`, `Line`.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sibiao.errors import SibiaoError
from sibiao.node.contract import I2cDevice
from sibiao.node.i2c_bus import raw_from_millivolts
from sibiao.node.virtual_clock import VirtualClock
from sibiao.node.vm import flash
from sibiao.node.vm.chip import (
    CALENDAR_START_NS,
    I2C_COUNT,
    RESET_CAUSE,
    SCRATCH_COUNT,
    UNIQUE_ID,
    StartCause,
)
from sibiao.node.vm.console import Console
from sibiao.node.vm.control import FromBoard, ToBoard
from sibiao.node.vm.i2c import I2c, attach
from sibiao.node.vm.line import line_of
from sibiao.node.vm.pads import Pads
from sibiao.node.vm.virtual.child import CONSOLE, Child, Entry, NeverLooks
from sibiao.node.vm.virtual.line import VirtualLine
from sibiao.node.vm.virtual.pose import Pose

# `done` may depend on what was printed, of which the board says nothing.
_LOOK_AGAIN_NS = 50_000_000


class VirtualNode:
    """A `Node` whose time passes only inside `run` and `run_until`. `files` (absolute paths) are
    what is in its flash at first. With a `pose` it has that chip, whose pins may have names, and
    refuses what that chip has not; without, it is an RP2040.

    With `flash_time` a page program takes 0.7 ms and an erase 60 ms, with interrupts off. The
    program takes `look_us` for each look at its hardware, an interrupt `handler_us`. One that
    has not looked for `patience_s` of computing never will: its watchdog bites when it is due, and
    without a watchdog it is a SibiaoError.
    """

    kind = "vm"

    def __init__(
        self,
        files: dict[str, bytes],
        *,
        flash_time: bool = False,
        look_us: int = 20,
        handler_us: int = 50,
        unique_id: bytes = UNIQUE_ID,
        patience_s: float = 1.0,
        pose: Pose | None = None,
    ):
        self.clock = VirtualClock()
        self.console = Console(self.clock, lambda: self._tell(ToBoard.INTERRUPT, 0, 0))
        self.starts: list[StartCause] = []
        self.report: dict[str, Any] = {}  # of the board's last life: commits, erases ...
        self._passing = False
        self._bite_ns: int | None = None  # when the watchdog is due
        self._hung = False  # endlessly, until then
        self._patience_s = patience_s
        self._folder = tempfile.TemporaryDirectory(prefix="sibiao-virtual-")
        self._flash = Path(self._folder.name, "flash")
        flash.write_image(self._flash, files)
        self._world = {
            "seed": 1,
            "geometry": flash.GEOMETRY,
            "flash": str(self._flash),
            "flash_time": flash_time,
            "handler_us": handler_us,
            "look_us": look_us,
            "unique_id": unique_id.hex(),
        }
        if pose:
            self._world["chip"] = pose.as_json()
        self._pose = pose
        uarts, i2cs = (pose.uarts, pose.i2cs) if pose else ((0, 1), range(I2C_COUNT))
        self._lines = {uart: VirtualLine(uart, self.clock) for uart in uarts}
        self._i2c = {bus: I2c(self.clock, self._tell) for bus in i2cs}
        self._pads = Pads(pose.adc) if pose else Pads()
        self._child: Child | None = None
        self._start("power")

    def __enter__(self) -> VirtualNode:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def line(self, uart: int) -> VirtualLine:
        return line_of(self._lines, uart)

    def set_pin(self, gpio: int | str, level: int) -> None:
        gpio = self._number(gpio)
        if self._pads.drive(gpio, level):
            self._tell(ToBoard.EDGE, gpio, level)

    def get_pin(self, gpio: int | str) -> int:
        return self._pads.level(self._number(gpio))

    def attach_i2c(self, bus: int, address: int, device: I2cDevice | None) -> None:
        attach(self._i2c, bus, address, device)

    def set_analog(self, gpio: int | str, millivolts: int) -> None:
        gpio, raw = self._number(gpio), raw_from_millivolts(millivolts)
        self._pads.set_analog(gpio, raw)
        self._tell(ToBoard.ANALOG, gpio, raw)

    def run(self, span_ns: int) -> None:
        end_ns = self.clock.now_ns + span_ns
        while self.clock.now_ns < end_ns:
            self._live(end_ns)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        end_ns = self.clock.now_ns + limit_ns
        while not done():
            if self.clock.now_ns >= end_ns:
                return False
            self._live(min(end_ns, self.clock.now_ns + _LOOK_AGAIN_NS))
        return True

    def console_write(self, data: bytes) -> None:
        self.console.write(data)
        if self._child:
            self._child.tell(CONSOLE, 0, b"")

    def console_read(self) -> bytes:
        return self.console.read()

    def power_cut(self) -> None:
        child = self._let_go()
        self.console.printed(child.printed())
        child.kill()
        self._start("power")

    def power_cut_in_flash(self, operations: int) -> None:
        """Cut the power in the program or erase operation after `operations` more, half done."""
        self._tell(ToBoard.CUT_FLASH_AFTER, 0, operations)

    def flash_files(self) -> dict[str, bytes]:
        """What a reader of the flash would find in it now."""
        return flash.read_image(self._flash)

    def close(self) -> None:
        """The supply is cut; `report` tells what the board did in its life."""
        if self._hung:
            self._let_go()
        if self._child:
            self._child.finish()
            self._release()
        self.console.close()
        self._folder.cleanup()

    def _number(self, gpio: int | str) -> int:
        return self._pose.number(gpio) if self._pose else gpio

    # --- life of the board

    def _start(self, cause: StartCause) -> None:
        if cause != "soft":
            self._cause = cause
            self.console.power_on()
        if cause == "power":
            self._scratch = [0] * SCRATCH_COUNT
            self._calendar_ns = CALENDAR_START_NS - self.clock.now_ns
        self._base_ns = self.clock.now_ns
        world = self._world | {
            "raw": self.console.is_raw,
            "reset_cause": RESET_CAUSE[self._cause],
            "rtc_offset_ns": self._calendar_ns + self._base_ns,
            "scratch": self._scratch,
        }
        output = Path(self._folder.name, "output")
        child = Child(world, output, self.console.board_end, self._patience_s)
        self._child = child
        self.starts.append(cause)
        self.console.board_started(child)
        for line in self._lines.values():
            line.board_started(child)
        for gpio, level in self._pads.driven.items():
            self._tell(ToBoard.EDGE, gpio, level)
        for gpio, raw in self._pads.analog.items():
            self._tell(ToBoard.ANALOG, gpio, raw)
        self._take(child.first)

    def _release(self) -> None:
        """Of a life that has come to its end by itself."""
        try:
            self.report, printed = self._child.release()
            self.console.printed(printed)
            self._pass_to(self._base_ns + self.report["virtual_us"] * 1000)
        finally:
            self._let_go()

    def _let_go(self) -> Child:
        """Whatever was on its way to the board or from it is gone."""
        child, self._child = self._child, None
        for line in self._lines.values():
            line.board_stopped()
        for i2c in self._i2c.values():
            i2c.board_stopped()
        self._pads.board_stopped()
        self._bite_ns, self._hung = None, False
        return child

    def _live(self, end_ns: int) -> None:
        """To `end_ns`, or to whatever happens before."""
        child = self._child
        if child is None:
            raise SibiaoError("The node in virtual time was closed.")
        if self._passing:
            raise SibiaoError("The node is running already: a simulator's callback must not wait.")
        if self._hung:
            self._hang(end_ns)
            return
        due_ns = self.clock.next_ns(end_ns) - self._base_ns
        child.answer(-(-due_ns // 1000))
        try:
            heard = child.hear()
        except NeverLooks:
            self.console.printed(child.printed())
            child.kill()
            self._hung = True
            if self._bite_ns is None:
                raise
            return
        if heard is None:
            self._release()
            self._start(self.report["ended"])
            return
        now_us, told = heard
        self.console.printed(child.printed())
        self._pass_to(self._base_ns + now_us * 1000)
        self._take(told)

    def _hang(self, end_ns: int) -> None:
        """The program is in its endless loop until the watchdog bites."""
        if self._bite_ns is None:
            raise SibiaoError("The node in virtual time hangs; power_cut() starts it.")
        self._pass_to(min(end_ns, self._bite_ns))
        if self.clock.now_ns >= self._bite_ns:
            self._let_go()
            self._start("watchdog")

    def _pass_to(self, time_ns: int) -> None:
        self._passing = True
        try:
            self.clock.run(max(0, time_ns - self.clock.now_ns))
        finally:
            self._passing = False

    def _tell(self, kind: ToBoard, index: int, value: int) -> None:
        if self._child:
            self._child.tell(kind, index, struct.pack("<H", value))

    def _take(self, told: list[Entry]) -> None:
        for kind, index, data in told:
            match kind:
                case FromBoard.TRANSMIT:
                    self._lines[index].board_sent(data)
                case FromBoard.UART_SETTINGS:
                    self._lines[index].board_configured(data)
                case FromBoard.PIN:
                    self._pads.board_set(index, data[0])
                case FromBoard.I2C:
                    self._i2c[index].board_asked(data)
                case FromBoard.CONSOLE_MODE:
                    self.console.board_mode(data[0])
                case FromBoard.INTERRUPTED:
                    self.console.board_interrupted()
                case FromBoard.WATCHDOG:
                    self._watchdog_ns = int.from_bytes(data, "little") * 1_000_000
                    self._bite_ns = self.clock.now_ns + self._watchdog_ns
                case FromBoard.FEED if self._bite_ns is not None:
                    self._bite_ns = self.clock.now_ns + self._watchdog_ns
                case FromBoard.SCRATCH:
                    self._scratch[index] = struct.unpack("<I", data)[0]
                case FromBoard.CLOCK:
                    self._calendar_ns = struct.unpack("<q", data)[0] - self._base_ns
