"""Flashing that ends too early, by whatever: the board starts its old slot, a repeat completes."""

import multiprocessing
import os
import signal
import threading

import pytest
from sibiao.board.flash import flash
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import slot_files

from tests.node import asking
from tests.node.asking import S
from tests.node.flashing import (
    INDEX,
    VmBoard,
    at_once,
    board_files,
    changed,
    counted,
    counted_before,
    run_beside,
)

pytestmark = [pytest.mark.vm, pytest.mark.takes(50)]

# (what flashing says it does, bytes copied by then)
KILLS = {
    "before copying": (("asking for a prompt", 0), ("the node restarts", 0), ("comparing", 0)),
    "copying": (("copying", 0), ("copying", 5000), ("copying", 5000), ("reading back", 0)),
}
PULLS = (("comparing", 0), ("copying", 6000), ("reading back", 0))


@pytest.fixture(scope="module")
def state(sample):
    return counted_before(sample)


def wanted(sample):
    return changed(sample, serial="SB26000002")


def expect_old_slot(board, state):
    board.node.power_cut()
    asking.at_work(board.node)
    said = asking.report(board.node)
    assert (said["slot"], said["trial"], said["serial"]) == ("a", False, "SB26000001")
    assert board.index() == INDEX
    assert counted(board.files()) == counted(state)


def expect_completed(board, sample, done, left):
    assert (done.slot, done.report["slot"], done.report["serial"]) == ("b", "b", "SB26000002")
    names = [f"/b/{name}" for name in slot_files(wanted(sample))]
    assert len(done.copied) < len(names) if left == "some" else done.copied == []
    assert {p for p in board.files() if p.startswith("/b/")} == set(names)


def flash_and_die(path, sample, point):
    def progress(what, done, _total):
        if what.startswith(point[0]) and done >= point[1]:
            os.kill(os.getpid(), signal.SIGKILL)

    flash(wanted(sample), path, progress)


def killed_at(board, sample, point):
    """A tool in a process of its own, killed at a point."""
    fork = multiprocessing.get_context("fork")
    tool = fork.Process(target=flash_and_die, args=(board.path, sample, point))

    def run():
        tool.start()
        tool.join()

    board.run(run)
    assert tool.exitcode == -signal.SIGKILL, point


def kill_the_tool(sample, state, points):
    with VmBoard(board_files(sample, state=state)) as board:
        for point in points:
            killed_at(board, sample, point)
            board.node.run(1 * S)  # a request for maintenance is used up
            if point[1]:
                assert "/slots/trial" not in board.files()
            board.close_port()
            expect_old_slot(board, state)
            board.open_port()
        if points[-1][0] == "reading back":
            done = board.run(flash, wanted(sample), board.path)
            expect_completed(board, sample, done, "none")


def kill_the_tool_and_repeat_at_once(sample, state):
    """The board is where the dead tool left it: at its prompt, in the middle of a command."""
    with VmBoard(board_files(sample, state=state)) as board:
        killed_at(board, sample, ("copying", 6000))
        expect_completed(board, sample, board.run(flash, wanted(sample), board.path), "some")


def kill_the_tool_after_the_switch(sample, state):
    with VmBoard(board_files(sample, state=state)) as board:
        killed_at(board, sample, ("starting slot", 0))
        board.node.power_cut()
        board.close_port()
        assert asking.report(board.node, 5 * S)["trial"]
        assert board.node.run_until(lambda: board.files()["/slots/confirmed"] == b"b", 10 * S)


def flash_until(board, sample, point, then):
    """Flash; when it comes to `point`, `then()` happens. What the tool says."""
    at_point, happened = threading.Event(), threading.Event()

    def progress(what, done, _total):
        if what.startswith(point[0]) and done >= point[1] and not happened.is_set():
            at_point.set()
            assert happened.wait(30)

    def tool():
        with pytest.raises(SibiaoError) as failed:
            flash(wanted(sample), board.path, progress)
        return str(failed.value)

    def watched():
        if at_point.is_set() and not happened.is_set():
            then()
            happened.set()

    said = run_beside(board.node, tool, beside=watched)
    assert "\n" not in said and "Traceback" not in said
    return said


def pull_the_cable(sample, state, point):
    with VmBoard(board_files(sample, state=state)) as board:
        said = flash_until(board, sample, point, board.close_port)
        assert "stopped answering" in said and "check the cable" in said
        expect_old_slot(board, state)
        board.open_port()
        if point[1]:
            done = board.run(flash, wanted(sample), board.path)
            expect_completed(board, sample, done, "some")


def reset_the_board(sample, state):
    """The port stays, as with a board whose serial line comes from a chip of its own."""
    with VmBoard(board_files(sample, state=state)) as board:
        said = flash_until(board, sample, ("copying", 6000), board.node.power_cut)
        assert "stopped answering" in said
        board.close_port()
        # Without another reset: the tool must not have sent it into maintenance.
        said = asking.report(board.node)
        assert (said["slot"], said["trial"]) == ("a", False)
        expect_old_slot(board, state)


def cut_the_power_in_flash(sample, state, operations):
    with VmBoard(board_files(sample, state=state)) as board:
        flash_until(
            board,
            sample,
            ("copying", 0),
            lambda: board.node.power_cut_in_flash(operations),
        )
        assert board.node.starts.count("power") == 2
        board.close_port()
        expect_old_slot(board, state)


SCENARIOS = {
    "tool killed, repeated": (kill_the_tool_and_repeat_at_once,),
    "tool killed after the switch": (kill_the_tool_after_the_switch,),
    "board reset": (reset_the_board,),
}
SCENARIOS |= {f"tool killed {name}": (kill_the_tool, points) for name, points in KILLS.items()}
SCENARIOS |= {
    f"cable pulled: {what} {size}": (pull_the_cable, (what, size)) for what, size in PULLS
}
SCENARIOS |= {f"power cut in flash operation {n}": (cut_the_power_in_flash, n) for n in (7, 60)}


@pytest.fixture(scope="module")
def lives(sample, state):
    yield from at_once(
        {name: (run, sample, state, *more) for name, (run, *more) in SCENARIOS.items()}
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_interrupted(lives, name):
    lives[name].result()
