"""A tray with faults in one run of the command, and the same command when they are over."""

from contextlib import contextmanager

from sibiao.board.prompt import prompt, quiet_prompt
from sibiao.board.proof import digest

from tests.node.flashing import counted, filled
from tests.node.tray import Tray

PASSED = ("flashed", "kept")
_PULL_AT_BYTES = 40_000  # of some 95 000
_DEAD_AT_RESET = 2  # the first one is for maintenance, with the second one the new slot starts
_OTHER_CHIP = {"machine": "Simulated board with RP2350"}


def expect_counted(board):
    """A board that has counted before holds its total, whatever was done to it."""
    if board.counted:
        assert counted(board.files()) == board.counted


def expect_old_slot(board):
    """With nothing but new power."""
    said = board.report()
    assert (said["slot"], said["trial"]) == ("a", False), said
    assert said["config"] == digest(board.old)
    expect_counted(board)


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
    """`sound` boards, one with each fault, and with an image one emulated Pico. A board that is
    `dead` after its reset costs `confirm_s` of waiting, in which all others must be done."""

    def __init__(self, folder, sound, dead=False, image=None, confirm_s=90):
        self.confirm_s = confirm_s
        self._folder, self._sound, self._has_dead = folder, sound, dead
        self._image, self._pico = image, folder / "ttyACM97"

    def run(self):
        """The lines of the first run, by port."""
        # The Pico's process is forked before there are threads.
        with emulated_pico(self._image, self._pico), Tray(self._folder) as tray:
            self.tray = tray
            self._fill()
            first = self._first()
            self._mend()
            self._second(first)
        return first

    def _fill(self):
        tray = self.tray
        self.sound = [tray.add_old() if k % 2 else tray.add() for k in range(self._sound)]
        self.unplugged = tray.add_old(unplug_at=_PULL_AT_BYTES)
        self.full = tray.add_old(lambda files: filled(files, 30))
        self.other = tray.add(chip=_OTHER_CHIP)
        self.dead = tray.add_old(die_at=_DEAD_AT_RESET) if self._has_dead else None
        self.faulty = [b for b in (self.unplugged, self.full, self.other, self.dead) if b]
        self.ports = [str(board.path) for board in tray.boards]
        if self._image:
            self.ports.insert(1, str(self._pico))

    def _flash(self):
        code, lines, said = self.tray.flash(self.ports, self.confirm_s)
        assert set(lines) == set(self.ports), said
        assert "Traceback" not in said, said
        return code, lines, said

    def _first(self):
        code, lines, said = self._flash()
        assert code == 1, said
        assert f"{len(self.faulty)} of {len(self.ports)} boards did not pass" in said, said
        self._expect_failed(lines)
        failed = [str(board.path) for board in self.faulty]
        for line in (line for port, line in lines.items() if port not in failed):
            assert (line["verdict"], line["error"]) == ("flashed", ""), line
            assert line["report"]["serial"] == line["serial"]
        for board in self.sound:
            said, line = board.report(), lines[str(board.path)]
            assert (said["slot"], said["serial"]) == (line["slot"], line["serial"])
            assert said["config"] == line["report"]["config"]
            expect_counted(board)
        expect_old_slot(self.unplugged)
        expect_old_slot(self.full)
        assert not any(path.startswith(("/a", "/b", "/slots")) for path in self.other.files())
        # Each sound board is some unit; the one with another chip is none.
        self._expect_rows(lines, assigned=len(self.ports) - 1)
        return lines

    def _expect_failed(self, lines):
        for board, slot, words in (
            (self.unplugged, "a", ("stopped answering", "check the cable and repeat")),
            (self.full, "a", ("bytes free and", "remove files that are not Sibiao's")),
            (self.other, None, ("is for board 'pico'", "Simulated board with RP2350")),
            (self.dead, None, ("did not report within", "unplug it and plug it in again")),
        ):
            if board is None:
                continue
            line = lines[str(board.path)]
            assert (line["verdict"], line["slot"]) == ("failed", slot), line
            assert all(word in line["error"] for word in words), line
            assert str(board.path) in line["error"] and line["report"] is None

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
        if self.dead:
            self.dead.repaired()
        self.other = self.tray.exchange(self.other)
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
        if self.dead:
            assert lines[str(self.dead.path)]["slot"] == "b"
        for board in self.tray.boards:
            expect_counted(board)
        self._expect_rows(lines, assigned=len(self.ports))
