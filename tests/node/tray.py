"""Boards on a tray, each living by itself at a USB port, and the command that flashes them."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

from sibiao.config.load import load
from sibiao.config.units.table import read_units
from sibiao.config.units.unit import columns, unit_of
from sibiao.ledger.file import Ledger
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode

from tests.node import asking
from tests.node.asking import MS, S
from tests.node.flashing import board_files, changed, counted, counted_before
from tests.node.usb_bus import Turns, UsbBus, UsbPort

OLD_DATE = "2020-02-20"  # of production: what the old slots differ in
MAINTENANCE = "/slots/maintenance"
_AWAY_S = 0.3  # a board that restarts leaves the bus and comes back
_SLICE_NS = 50 * MS
_LIMIT_S = 300
_UNITS = 20


class TrayBoard:
    """A VM in a thread of its own. Its port is `path` while it is on the bus.

    `unplug_at`: the cable is pulled when so many bytes have come; `die_at`: it never comes back
    from that reset. Both are over with `repaired`. `old`, `counted`: what slot a holds, and the
    total, of one that ran before.
    """

    old = counted = files_at_cut = None

    def __init__(self, path, bus, files, number, unplug_at=None, die_at=None, **options):
        self.path = path
        self.board_id = bytes([0xE6, 0x60, 0, 0, 0, 0, 0, number]).hex()
        self.turns = Turns()
        self._bus = bus
        self._unplug_at, self._die_at = unplug_at, die_at
        self._jobs = queue.SimpleQueue()
        self._port = None
        self._plug_at = 0.0
        self._is_on = True
        self._resets = 0
        options |= {"unique_id": bytes.fromhex(self.board_id)}
        self._thread = threading.Thread(target=self._live, args=(files, options), daemon=True)
        self._thread.start()
        self.do(lambda: None)

    def do(self, job):
        """job() where the node may be touched, and what came of it."""
        done = Future()
        self._jobs.put((job, done))
        return done.result(120)

    def files(self):
        return self.do(lambda: self.node.flash_files())  # noqa: PLW0108 - it is set in the thread

    def repaired(self):
        """Whatever was wrong with it is over, and it is plugged in again."""

        def job():
            self._unplug_at = self._die_at = None
            self._unplug()
            self._power_on()
            self._plug()

        self.do(job)

    def report(self):
        """What it says of itself after a power cut, its port closed meanwhile; a fault is over by
        that. `files_at_cut`: what was in its flash then."""

        def job():
            self._unplug_at = self._die_at = None
            self._unplug()
            self.node.power_off()
            self.files_at_cut = self.node.flash_files()
            self._power_on()
            if MAINTENANCE in self.files_at_cut:
                # A request that power cut off costs 15 minutes, or one more start.
                assert self.node.run_until(self._has_no_request, 20 * S)
                self.node.power_cut()
            said = self._settled()
            self._plug()
            return said

        return self.do(job)

    def close(self):
        self._jobs.put((None, None))
        self._thread.join(20)

    def _live(self, files, options):
        self.node = VmNode(vm_binary(), files, **options)
        self._plug()
        while True:
            if self._is_on:
                self.node.run_until(self._look, _SLICE_NS)
            else:
                time.sleep(_SLICE_NS / S)
            while not self._jobs.empty():
                job, done = self._jobs.get()
                if job is None:
                    self._unplug()
                    self.node.close()
                    return
                try:
                    done.set_result(job())
                except BaseException as error:
                    done.set_exception(error)

    def _look(self):
        resets = len(self.node.starts) - self.node.starts.count("soft")
        if resets != self._resets:
            self._resets = resets
            self._unplug()
            self._plug_at = time.monotonic() + _AWAY_S
            if self._die_at is not None and self._restarts() >= self._die_at:
                self._power_off()
        elif self._port is None and time.monotonic() >= self._plug_at:
            self._plug()
        elif self._unplug_at and self._port and self.turns.to_board >= self._unplug_at:
            self._unplug()
            self._power_off()
        return not self._is_on or not self._jobs.empty()

    def _restarts(self):
        return self._resets - self.node.starts.count("power")

    def _has_no_request(self):
        return MAINTENANCE not in self.node.flash_files()

    def _settled(self):
        # A slot on trial says so; it has to be asked again.
        while (said := asking.report(self.node, 20 * S))["trial"]:
            self.node.run(S // 2)
        return said

    def _plug(self):
        self._resets = len(self.node.starts) - self.node.starts.count("soft")
        self._port = UsbPort(self.node, self._bus, self.turns)
        self.path.symlink_to(self._port.path)

    def _unplug(self):
        if self._port:
            self.path.unlink()
            self._port.close()
            self._port = None

    def _power_off(self):
        self._is_on = False
        self._plug_at = float("inf")
        self.node.power_off()

    def _power_on(self):
        self._is_on = True
        self._plug_at = 0.0
        self.node.power_cut()


_lives = {}


def _old_life(old):
    """(files, total) of a board that ran with that and has counted."""
    serial = old.community.serial
    if serial not in _lives:
        state = counted_before(old)
        _lives[serial] = board_files(old, state=state), counted(state)
    return _lives[serial]


class Tray:
    """`folder`: ports, units and the ledger of it; unit k is SB26000100 + k."""

    def __init__(self, folder):
        self.folder = folder
        self.sample = load("sample")
        self.bus = UsbBus()
        self.boards = []
        self.ledger = Ledger(folder / "ledger.jsonl")
        self._units = folder / "units.csv"
        self.write_units()
        self._rows = read_units(self.sample, self._units)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for board in self.boards:
            board.close()

    def unit(self, number):
        """What the board in that place becomes, if it ran before."""
        return unit_of(self.sample, self._rows[number])

    def old(self, number):
        """What it has in slot a until then."""
        return changed(self.unit(number), production_date=OLD_DATE)

    def add(self, files=None, **options):
        """The board in the next place of the tray; without files a bare one."""
        number = len(self.boards)
        path = self.folder / f"ttyACM{number}"
        self.boards.append(TrayBoard(path, self.bus, files or {}, number + 1, **options))
        return self.boards[-1]

    def add_old(self, change=lambda files: files, **options):
        """One that runs as a unit of the ledger, and has counted. `change`: of its files."""
        number = len(self.boards)
        old = self.old(number)
        files, total = _old_life(old)
        board = self.add(change(files), **options)
        board.old, board.counted = old, total
        told = {"community": self.sample.name, "unit": board.board_id}
        self.ledger.append("assigned", old.community.serial, "tray", told)
        return board

    def exchange(self, board):
        """A bare one of the right kind in its place."""
        board.close()
        new = TrayBoard(board.path, self.bus, {}, len(self.boards) + 100)
        self.boards[self.boards.index(board)] = new
        return new

    def command(self, ports, *more):
        named = [word for port in ports for word in ("--port", str(port))]
        given = ["--units", str(self._units), "--ledger", str(self.ledger.path), "--by", "tray"]
        return ["flash", "sample", *named, *given, "--json", *more]

    def flash(self, ports=None, confirm_s=90, kill=None, events=None):
        """(exit code, port -> what its line says, stderr). `kill`: (port, the number of its event
        or how that begins); `events`: a file for all of them."""
        ports = ports or [board.path for board in self.boards]
        told = {"confirm_s": confirm_s, "kill": kill, "events": events}
        ended = subprocess.run(
            [sys.executable, "-m", "tests.node.tray_tool", *self.command(ports)],
            env=os.environ | {"TRAY": json.dumps(told, default=str)},
            capture_output=True,
            text=True,
            timeout=confirm_s + _LIMIT_S,
            check=False,
        )
        lines = [json.loads(line) for line in ended.stdout.splitlines()]
        return ended.returncode, {line["port"]: line for line in lines}, ended.stderr

    def write_units(self, date="2026-01-01"):
        """`date`: of production. Another one is another configuration."""
        names = [c.name for c in columns(self.sample) if not c.is_optional]
        own = {
            point.name: getattr(point, "base_reading", None)
            for point in self.sample.community.points
        }
        rows = [",".join([*names, "production_date"])]
        for k in range(_UNITS):
            cells = []
            for at, name in enumerate(names):
                point, _, what = name.rpartition(".")
                if what == "serial":
                    cells.append(f"SB26000{100 + k}")
                elif what == "address":
                    cells.append(f"{1000 + 10 * k + at:012}")
                elif what == "meter_address":
                    cells.append(f"{11110017312151 + 1 + k}")
                else:
                    cells.append(str(own[point]))
            rows.append(",".join([*cells, date]))
        self._units.write_text("\n".join(rows) + "\n", encoding="utf-8")
