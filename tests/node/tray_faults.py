"""A tray with faults in one run of the command, and the same command when they are over."""

from contextlib import contextmanager

from sibiao.board.prompt import prompt, quiet_prompt
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking
from tests.node.flashing import board_files, count_pulses, counted, filled
from tests.node.tray import OLD, Tray, TrayBoard

PASSED = ("flashed", "kept")
_PULL_AT_BYTES = 40_000  # of some 95 000
_DEAD_AT_RESET = 2  # the first one is for maintenance, with the second one the new slot starts
_OTHER_CHIP = {"machine": "Simulated board with RP2350"}


@contextmanager
def emulated_pico(image, port):
    """A bare one at `port`."""
    if image is None:
        yield
        return
    from sibiao.node.pico import EmulatedPico

    pico = EmulatedPico(image)
    pico.boot()
    with pico.serve_pty() as console:
        port.symlink_to(console.path)
        yield


class Faults:
    """`sound` boards, four with a fault each, and with an image one emulated Pico."""

    def __init__(self, folder, image, sound, confirm_s, **options):
        self.folder, self.confirm_s = folder, confirm_s
        self._options = options
        self._image, self._pico = image, folder / "ttyACM97"
        self._sound = sound
        self.seconds = []

    def run(self):
        # The Pico's process is forked before there are threads.
        with emulated_pico(self._image, self._pico), Tray(self.folder, 20) as tray:
            self.tray = tray
            self._fill()
            first = self._first()
            self._mend()
            second = self._second(first)
        return first, second

    def _fill(self):
        tray, options = self.tray, self._options
        with VirtualNode(board_files(tray.sample)) as node:
            self.state = count_pulses(asking.at_work(node))
        old = tray.old_files(state=self.state)
        self.sound = [tray.add(old if k % 2 else None, **options) for k in range(self._sound)]
        self.unplugged = tray.add(old, unplug_at=_PULL_AT_BYTES, **options)
        self.full = tray.add(filled(old, 30), **options)
        self.other = tray.add(chip=_OTHER_CHIP, **options)
        self.dead = tray.add(old, die_at=_DEAD_AT_RESET, **options)
        self.ports = [str(board.path) for board in tray.boards]
        if self._image:
            self.ports.insert(1, str(self._pico))

    def _flash(self):
        code, lines, said = self.tray.flash(self.ports, self.confirm_s)
        assert set(lines) == set(self.ports), said
        assert "Traceback" not in said, said
        self.seconds.append(max(line["seconds"] for line in lines.values()))
        return code, lines, said

    def _first(self):
        code, lines, said = self._flash()
        assert code == 1 and f"4 of {len(self.ports)} boards did not pass" in said, said
        self._expect_failed(lines)
        failed = [str(b.path) for b in (self.unplugged, self.full, self.other, self.dead)]
        sound = {port: line for port, line in lines.items() if port not in failed}
        for line in sound.values():
            assert (line["verdict"], line["error"]) == ("flashed", ""), line
            assert line["report"]["serial"] == line["serial"]
        for board in self.sound:
            said, line = board.report(), lines[str(board.path)]
            assert (said["slot"], said["serial"]) == (line["slot"], line["serial"])
        self._expect_old_slots()
        self._expect_rows(lines, assigned=len(self.ports) - 1)
        return lines

    def _expect_failed(self, lines):
        for board, slot, words in (
            (self.unplugged, "a", ("stopped answering", "check the cable and repeat")),
            (self.full, "a", ("bytes free and", "remove files that are not Sibiao's")),
            (self.other, None, ("is for board 'pico'", "Simulated board with RP2350")),
            (self.dead, None, ("did not report within", "unplug it and plug it in again")),
        ):
            line = lines[str(board.path)]
            assert (line["verdict"], line["slot"]) == ("failed", slot), line
            assert all(word in line["error"] for word in words), line
            assert str(board.path) in line["error"] and line["report"] is None

    def _expect_old_slots(self):
        """Without what would have mended them: only with power."""
        for board in (self.unplugged, self.full):
            board.do(lambda board=board: setattr(board, "_unplug_at", None))
            said = board.report()
            assert (said["slot"], said["trial"], said["serial"]) == ("a", False, OLD)
            assert counted(board.files()) == counted(self.state)
        assert not any(path.startswith(("/a", "/b", "/slots")) for path in self.other.files())

    def _expect_rows(self, lines, assigned):
        """One row a board of this run, each in the chain, and saying what its line says."""
        rows = self.tray.ledger.rows()  # SibiaoError if the chain is broken
        assert sum(row.kind == "assigned" for row in rows) == assigned
        last = {row.data["port"]: row for row in rows if row.kind == "flash"}
        assert set(last) == set(lines)
        for port, line in lines.items():
            row = last[port]
            assert row.serial == line["serial"] and row.data["unit"] == line["board_id"]
            for key in ("verdict", "slot", "error"):
                assert row.data[key] == line[key]
            assert (row.data["copied"], row.data["kept"]) == (len(line["copied"]), line["kept"])
            if line["verdict"] in PASSED:
                assert row.data["config"] == line["report"]["config"]
                assert row.data["address"] == line["report"]["address"]
        units = {(row.serial, row.data["unit"]) for row in rows if row.serial}
        assert len({serial for serial, _ in units}) == len(units), "a unit on two boards"
        assert len({board for _, board in units}) == len(units), "a board is two units"

    def _mend(self):
        self.unplugged.repaired()
        self.dead.repaired()
        self.other.close()
        number = len(self.tray.boards) + 1
        self.other = TrayBoard(self.other.path, self.tray.bus, {}, number, **self._options)
        self.tray.boards.append(self.other)
        quiet_prompt(str(self.full.path))
        with prompt(str(self.full.path)) as board:
            board.run("import os\nos.remove('/big')")

    def _second(self, first):
        code, lines, said = self._flash()
        assert code == 0, said
        mended = [str(b.path) for b in (self.unplugged, self.full, self.other)]
        for port, line in lines.items():
            assert line["verdict"] == ("flashed" if port in mended else "kept"), line
            if port != str(self.other.path):
                assert (line["serial"], line["board_id"]) == (
                    first[port]["serial"],
                    first[port]["board_id"],
                )
        # What had been copied before the cable was pulled is not copied again.
        assert len(lines[str(self.unplugged.path)]["copied"]) < len(
            lines[str(self.full.path)]["copied"]
        )
        assert lines[str(self.dead.path)]["slot"] == "b"
        self._expect_rows(lines, assigned=len(self.ports))
        return lines
