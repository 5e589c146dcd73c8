"""`sibiao flash` of one board and of eight at once: the time, the bytes, and whose time it was."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sibiao.firmware.slot import slot_files, starter_files

from tests.bench.figure import Figure, figure
from tests.node.tray import Tray

FLASHING = "flashing boards"
_MANY = 8
_DATES = ("2026-01-01", "2026-01-02", "2026-01-03")


@dataclass(frozen=True)
class Run:
    """Of one command. `wall_s`: from its start to its end; of a board, on the average: bytes to
    it, and how long it had the turn until its restart, and from then to its proof."""

    wall_s: float
    sent_bytes: float
    device_s: float
    start_s: float
    lines: list[dict]

    @property
    def tool_s(self) -> float:
        return self.wall_s - self.device_s - self.start_s


def measure(count: int, many: int = _MANY) -> list[Figure]:
    """One board and `many` in turn, so that each pair had the same computer."""
    pairs = [(_bare(1), _bare(many)) for _ in range(count)]
    ones, all_of = zip(*pairs, strict=True)
    again, changed = _again()
    how = (
        f"whole command, process included, {os.cpu_count()} cores; bare boards on the MicroPython "
        "VM, flash that takes its time (0.7 ms a page, 60 ms an erase), one USB full-speed bus "
        "for all; compiled, copied, read back, started, tested, asked for their addresses"
    )
    split = "of a board: its turns are from our first byte to its last one before our next"
    files = len(ones[0].lines[0]["copied"])
    return [
        figure(FLASHING, f"one board, {files} files", "s", [r.wall_s for r in ones], how),
        figure(FLASHING, f"{many} boards at once", "s", [r.wall_s for r in all_of], how),
        figure(
            FLASHING, f"time of {many} boards, times that of one", "", _ratios(pairs, "wall_s"),
            f"{how}; each pair of runs by itself", at_most=many / 2,
        ),
        figure(
            FLASHING, "of it the bytes sent to a board, times those to one alone", "",
            _ratios(pairs, "sent_bytes"), split,
        ),
        figure(
            FLASHING, "of it a board's own turns until its restart, times those of one alone", "",
            _ratios(pairs, "device_s"), f"{split}; the VMs share the cores",
        ),
        figure(
            FLASHING, "of it restart, trial and proof, times those of one alone", "",
            _ratios(pairs, "start_s"), "from the restart to the end of the trial start",
        ),
        figure(FLASHING, "one board: bytes sent", "bytes", [r.sent_bytes for r in ones], split),
        figure(FLASHING, "one board: its own turns", "s", [r.device_s for r in ones], split),
        figure(
            FLASHING, "one board: restart, trial and proof", "s", [r.start_s for r in ones],
            "from the restart to the end of the trial start",
        ),
        figure(
            FLASHING, "one board: the tool's own time", "s", [r.tool_s for r in ones],
            "what is left of the whole: its start, compiling, its turns, self-test, ledger",
        ),
        figure(
            FLASHING, "re-flash of a changed unit: files copied that had not changed", "",
            [len(changed.lines[0]["copied"]) - 1], "the third configuration of a board: its idle "
            "slot differs in config.mpy only", at_most=0,
        ),
        figure(
            FLASHING, "re-flash of a changed unit: bytes sent a changed byte", "",
            [changed.sent_bytes / changed.lines[0]["copied_bytes"]],
            f"{changed.sent_bytes:.0f} bytes sent in all (questions, hashes, self-test), "
            f"{changed.lines[0]['copied_bytes']} bytes in the file that changed",
        ),
        figure(
            FLASHING, "first flash: bytes sent a byte of file", "",
            [r.sent_bytes / r.lines[0]["copied_bytes"] for r in ones],
            "base64 is 1.33 of it",
        ),
        figure(
            FLASHING, "nothing changed: bytes sent", "bytes", [again.sent_bytes],
            "questions, hashes, self-test",
        ),
        figure(
            FLASHING, "nothing changed: time", "s", [again.wall_s], how,
        ),
    ]  # fmt: skip


def _ratios(pairs: list[tuple[Run, Run]], what: str) -> list[float]:
    return [getattr(many, what) / getattr(one, what) for one, many in pairs]


@contextmanager
def _tray(boards: int) -> Iterator[Tray]:
    with tempfile.TemporaryDirectory(prefix="sibiao-tray-") as folder, Tray(Path(folder)) as tray:
        for _ in range(boards):
            tray.add(flash_time=True)
        yield tray


def _bare(boards: int) -> Run:
    with _tray(boards) as tray:
        run = _run(tray)
    files = len(slot_files(tray.sample)) + len(starter_files(tray.sample))
    assert all(len(line["copied"]) == files for line in run.lines)
    return run


def _again() -> tuple[Run, Run]:
    """(nothing changed, one value changed) on a board that has had two configurations."""
    with _tray(1) as tray:
        for date in _DATES:
            tray.write_units(date)
            changed = _run(tray)
        again = _run(tray)
    assert changed.lines[0]["copied"] == ["/a/config.mpy"] and not again.lines[0]["copied"]
    return again, changed


def _run(tray: Tray) -> Run:
    for board in tray.boards:
        board.turns.clear()
    notes = tray.folder / "events"
    notes.unlink(missing_ok=True)
    begun = time.monotonic()
    code, lines, said = tray.flash(events=notes)
    wall_s = time.monotonic() - begun
    assert code == 0, said
    restarts, ends = _moments(notes)
    count = len(tray.boards)
    device_s = [b.turns.board_s(restarts[str(b.path)]) for b in tray.boards]
    start_s = [(ends[str(b.path)] - restarts[str(b.path)]) / 1e9 for b in tray.boards]
    sent = sum(board.turns.to_board for board in tray.boards)
    return Run(
        wall_s, sent / count, sum(device_s) / count, sum(start_s) / count, list(lines.values())
    )


def _moments(notes: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Of each port: when it was restarted, and when its node had reported the end of its trial."""
    restarts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for line in notes.read_text(encoding="utf-8").splitlines():
        port, _, when, what = line.split("\t")
        if what.startswith("starting slot "):
            restarts[port] = int(when)
        elif what == "self-test":
            ends.setdefault(port, int(when))
    return restarts, ends
