"""The tool killed while it flashes a tray: what each board starts then, and what a repeat does."""

import signal

from sibiao.board.proof import digest

from tests.node.tray import Tray
from tests.node.tray_faults import PASSED, expect_counted


def events(folder, boards):
    """Of the first board in a run to its end: what is told, as (what, bytes done)."""
    with Tray(folder) as tray:
        for _ in range(boards):
            tray.add_old()
        notes = folder / "events"
        code, _, said = tray.flash(events=notes)
        assert code == 0, said
        told = [line.split("\t") for line in notes.read_text(encoding="utf-8").splitlines()]
        port = str(tray.boards[0].path)
    return [(what, int(done)) for of, done, _, what in told if of == port]


def kill(folder, boards, number, at, repeat=False):
    """Killed at an event of the board in that place. How many boards had switched by then: they
    start the new slot, whole and read back, or the old one; all others start the old one."""
    with Tray(folder) as tray:
        for _ in range(boards):
            tray.add_old()
        code, _, said = tray.flash(kill=(tray.boards[number].path, at))
        assert code == -signal.SIGKILL, said
        switched = sum(_starts_soundly(tray, board) for board in tray.boards)
        tray.ledger.rows()  # SibiaoError if the chain is broken
        if repeat:
            code, lines, said = tray.flash()
            assert code == 0, said
            assert all(
                line["verdict"] in PASSED and line["slot"] == "b" for line in lines.values()
            )
            for board in tray.boards:
                expect_counted(board)
    return switched


def _starts_soundly(tray, board):
    said = board.report()
    then = board.files_at_cut
    # The note of the trial start, then what is noted until it has passed, then that it has.
    switched = "/slots/trial" in then or "/slots/fault" in then
    switched |= then["/slots/confirmed"] == b"b"
    assert not said["trial"], said
    if said["slot"] == "a":
        assert said["config"] == digest(board.old), said
    else:
        assert switched and said["slot"] == "b", said
        assert said["config"] == digest(tray.unit(tray.boards.index(board))), said
    expect_counted(board)
    return switched
