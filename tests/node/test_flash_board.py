"""`sibiao flash` on a board behind a serial port: the first time, again, and with changes."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace

import pytest
from sibiao.board import proof
from sibiao.board.flash import flash
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import slot_files

from tests.node import asking
from tests.node.flashing import (
    INDEX,
    VmBoard,
    at_once,
    board_files,
    changed,
    count_pulses,
    counted,
    counted_before,
    on_pico,
    run_beside,
)

pytestmark = pytest.mark.takes(100)

STARTERS = ["/boot.py", "/main.py"]


def expect(done, slot, loaded, copied):
    assert (done.slot, done.copied) == (slot, copied)
    assert done.kept + len(copied) == len(slot_files(loaded)) + len(STARTERS)
    said = done.report
    assert (said["slot"], said["trial"], said["ended"]) == (slot, False, 0)
    community = loaded.community
    assert (said["serial"], said["address"]) == (community.serial, community.address)
    assert said["community"] == loaded.name


def everything(slot, loaded):
    return [f"/{slot}/{name}" for name in slot_files(loaded)]


def flash_first_and_again(sample):
    with VmBoard({}) as board:
        first = board.run(flash, sample, board.path)
        expect(first, "a", sample, everything("a", sample) + STARTERS)
        asking.at_work(board.node)
        state = count_pulses(board.node)
        again = board.run(flash, sample, board.path)
        expect(again, "a", sample, [])
        assert again.report["config"] == first.report["config"]
        expect_kept(board, "a", state)


def flash_changed_and_changed_again(sample):
    other = changed(sample, serial="SB26000002", address="000000000002")
    third = changed(sample, serial="SB26000003")
    state = counted_before(sample)
    with VmBoard(board_files(sample, state=state)) as board:
        second = board.run(flash, other, board.path)
        expect(second, "b", other, everything("b", other))
        # The idle slot holds what it held before: one file differs.
        done = board.run(flash, third, board.path)
        expect(done, "a", third, ["/a/config.mpy"])
        assert done.report["config"] != second.report["config"]
        expect_kept(board, "a", state)


def expect_kept(board, slot, state):
    files = board.files()
    assert counted(files) == counted(state)
    assert {p: d for p, d in files.items() if p.startswith("/slots/")} == {
        "/slots/confirmed": slot.encode()
    }
    asking.at_work(board.node)
    assert board.index() == INDEX


def flash_over_what_does_not_belong(sample):
    files = board_files(sample)
    files |= {"/b/config.py": b"raise ValueError", "/b/old/thing.mpy": b"x" * 5000}
    files |= {"/notes.txt": b"mine", "/main.py": files["/main.py"] + b"# older\n"}
    with VmBoard(files) as board:
        other = changed(sample, serial="SB26000002")
        done = board.run(flash, other, board.path)
        expect(done, "b", other, [*everything("b", other), "/main.py"])
        after = board.files()
        assert {p for p in after if p.startswith("/b/")} == set(everything("b", other))
        assert after["/notes.txt"] == b"mine"
        assert not after["/main.py"].endswith(b"older\n")


def run_command(sample):
    with tempfile.TemporaryDirectory() as folder:
        run_command_keeping(sample, os.path.join(folder, "ledger.jsonl"))


def run_command_keeping(sample, ledger):
    command = [sys.executable, "-m", "sibiao", "flash", "sample", "--ledger", ledger]
    run = functools.partial(subprocess.run, capture_output=True, text=True, timeout=300)
    with VmBoard(board_files(sample)) as board:
        done = board.run(run, [*command, "--port", board.path, "--json"])
        assert done.returncode == 0, done.stderr
        (line,) = done.stdout.splitlines()
        said = json.loads(line)
        assert (said["slot"], said["copied"], said["report"]["slot"]) == ("a", [], "a")
        shown = board.run(run, [*command, "--port", board.path])
        assert shown.returncode == 0, shown.stderr
        kept = len(slot_files(sample)) + len(STARTERS)
        assert f"0 copied (0 bytes), {kept} kept" in shown.stdout


def flash_what_fails(sample):
    # A pin that no RP2040 has, though its chip's file says so: the node raises when it is built.
    gpios = sample.chip.gpios.model_copy(update={"last": 80})
    spoilt = replace(
        sample,
        board=sample.board.model_copy(update={"led": 77}),
        chip=sample.chip.model_copy(update={"gpios": gpios}),
    )
    with VmBoard(board_files(sample)) as board:
        with pytest.raises(SibiaoError) as failed:
            board.run(flash, spoilt, board.path)
        said = str(failed.value)
        assert "did not pass its trial start (b: ValueError" in said
        assert "runs slot a as before" in said
        assert "\n" not in said
        asking.at_work(board.node)
        report = board.report()
        assert (report["slot"], report["trial"]) == ("a", False)


def flash_the_first_time_with_a_power_cut(sample):
    """The trial is over, and nothing was confirmed: the slot starts only for want of another."""
    with VmBoard({}) as board:
        was_cut = []

        def cut():
            if not was_cut and board.files().get("/slots/fault"):  # written before the trial
                was_cut.append(True)
                board.node.power_cut()

        with pytest.raises(SibiaoError) as failed:
            run_beside(board.node, flash, sample, board.path, beside=cut)
        said = str(failed.value)
        assert "did not pass its trial start (a: its trial start hung or lost power)" in said
        assert "for want of another" in said and was_cut
        expect(board.run(flash, sample, board.path), "a", sample, [])
        assert board.files()["/slots/confirmed"] == b"a"


def flash_what_was_never_confirmed(sample):
    """A first flash whose trial was cut short: slot a runs for want of a note."""
    files = board_files(sample, fault="a: its trial start hung or lost power")
    del files["/slots/confirmed"]
    other = changed(sample, serial="SB26000002")
    with VmBoard(files) as board:
        expect(board.run(flash, sample, board.path), "a", sample, [])
        assert board.files()["/slots/confirmed"] == b"a"
    with VmBoard(files) as board:
        expect(board.run(flash, other, board.path), "b", other, everything("b", other))


SCENARIOS = (
    flash_first_and_again,
    flash_changed_and_changed_again,
    flash_over_what_does_not_belong,
    run_command,
    flash_what_fails,
    flash_the_first_time_with_a_power_cut,
    flash_what_was_never_confirmed,
)


def flash_bare_pico_and_again(sample, image):
    from sibiao.node.pico import EmulatedPico
    from sibiao.node.pico.files import of_flash, read_littlefs

    proof._CONFIRM_S = 600  # the emulated one is slow, on a loaded machine slower still
    pico = EmulatedPico(image)
    pico.boot()
    with pico.serve_pty() as port:
        first = flash(sample, port.path)
        again = flash(sample, port.path)
    expect(first, "a", sample, everything("a", sample) + STARTERS)
    expect(again, "a", sample, [])
    assert again.report["starts"] == first.report["starts"] + 1
    after = read_littlefs(of_flash(port.flash))
    assert {p for p in after if p.startswith("/slots/")} == {"/slots/confirmed"}
    assert after["/slots/confirmed"] == b"a"
    assert after["/a/config.mpy"] == slot_files(sample)["config.mpy"]


@pytest.fixture(scope="module")
def lives(sample, request):
    # The Pico takes longest: it goes first.
    scenarios = on_pico(request, flash_bare_pico_and_again)
    scenarios |= {scenario: (scenario, sample) for scenario in SCENARIOS}
    yield from at_once(scenarios)


@pytest.mark.vm
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_on_the_vm(lives, scenario):
    lives[scenario].result()


@pytest.mark.pico
def test_bare_pico_and_again(pico_image, lives):
    lives[flash_bare_pico_and_again].result()
