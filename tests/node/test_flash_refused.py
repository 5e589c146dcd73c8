"""Flashing that cannot be: one clear line, no success, and the board starts its old slot."""

import os
import shutil
import sys
import threading
import tty
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
import serial
from sibiao import cli
from sibiao.board import copy, prompt, slots
from sibiao.config import load

from tests.node import asking
from tests.node.asking import S
from tests.node.flashing import VmBoard, board_files, changed, filled


@pytest.fixture
def sibiao(monkeypatch, capfd, tmp_path):
    """sibiao(*arguments): the command line's one line of complaint."""
    monkeypatch.setenv("SIBIAO_LEDGER", str(tmp_path / "ledger.jsonl"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["sibiao", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capfd.readouterr()
        assert end.value.code == 1, said
        assert said.out == ""
        assert "Traceback" not in said.err
        lines = [line for line in said.err.splitlines() if line.startswith("sibiao: ")]
        assert len(lines) == 1 and said.err.rstrip().endswith(lines[0]), said.err
        return lines[0]

    return run


@contextmanager
def terminal():
    """(what serves it, its path): a port with nobody behind it."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        yield ours, os.ttyname(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


# What is wrong before the board is touched


def test_port_that_is_not_there(sibiao):
    said = sibiao("flash", "sample", "--port", "/dev/ttyACM97")
    assert "there is no port /dev/ttyACM97" in said and "sibiao ports" in said


def test_port_that_is_no_port(sibiao, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for port in (str(file), str(tmp_path), "nonsense://3"):
        assert "cannot be opened as a serial port" in sibiao("flash", "sample", "--port", port)


def test_port_in_use(sibiao):
    with terminal() as (_, port), serial.Serial(port, exclusive=True):
        said = sibiao("flash", "sample", "--port", port)
    assert f"port {port} is in use by another program" in said


def test_community_that_does_not_exist(sibiao):
    assert "did you mean 'sample'?" in sibiao("flash", "smaple", "--port", "/dev/ttyACM97")
    for missing in ("communities/none.toml", "none.toml", "/none.toml"):
        assert "none" in sibiao("flash", missing, "--port", "/dev/ttyACM97")


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ("[policy]", "[policy", "not TOML: expected ']'"),
        ('serial = "SB26000001"', "serial = 5", "serial = 5 is not allowed"),
        ('board = "pico"', 'board = "pcio"', "did you mean 'pico'?"),
        ('"1234.50"', '"1234.505"', "base_reading 1234.505"),
        ("四表", "四表", None),
    ],
)
def test_broken_community(sibiao, tmp_path, monkeypatch, old, new, complaint):
    shutil.copytree(load.directory(), tmp_path / "configs")
    monkeypatch.setenv("SIBIAO_CONFIGS", str(tmp_path / "configs"))
    file = tmp_path / "configs/communities/sample.toml"
    text = file.read_text(encoding="utf-8")
    if complaint is None:
        file.write_bytes(b"\xff\xfe" + text.encode())
        complaint = "not UTF-8 text"
    else:
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    assert complaint in sibiao("flash", "sample", "--port", "/dev/ttyACM97")


# What answers wrongly, or not at all


def test_nobody_answers(sibiao, monkeypatch):
    monkeypatch.setattr(prompt, "_ANSWER_S", 0.4)
    with terminal() as (_, port):
        said = sibiao("flash", "sample", "--port", port)
    assert f"the board on {port} does not answer" in said and "plug it in again" in said


def talk_garbage(end, stop):
    os.set_blocking(end, False)
    while not stop.wait(0.005):
        with suppress(BlockingIOError):
            os.write(end, os.urandom(50).replace(b">", b"<"))


def test_garbage_answers(sibiao, monkeypatch):
    monkeypatch.setattr(prompt, "_ANSWER_S", 0.4)
    stop = threading.Event()
    with terminal() as (end, port):
        talker = threading.Thread(target=talk_garbage, args=(end, stop))
        talker.start()
        try:
            said = sibiao("flash", "sample", "--port", port)
        finally:
            stop.set()
            talker.join()
    assert "sends data, but no MicroPython prompt" in said


def promise(end, stop):
    """A friendly prompt, and then nothing sensible ever again."""
    os.set_blocking(end, False)
    while not stop.wait(0.01):
        try:
            os.read(end, 1000)
            os.write(end, b"\r\n>>> ")
        except BlockingIOError:
            pass


def test_prompt_that_is_none(sibiao, monkeypatch):
    monkeypatch.setattr(prompt, "_READ_S", 1)
    stop = threading.Event()
    with terminal() as (end, port):
        talker = threading.Thread(target=promise, args=(end, stop))
        talker.start()
        try:
            said = sibiao("flash", "sample", "--port", port)
        finally:
            stop.set()
            talker.join()
    assert "stopped answering (could not enter raw repl)" in said


# What the board itself stands against


@pytest.fixture
def refused(sibiao, sample):
    """refused(files): what the command says of a board with them, which then counts again."""

    def run(files=None):
        with VmBoard(files or board_files(sample)) as board:
            said = board.run(sibiao, "flash", "sample", "--port", board.path)
            assert board.port.path in said
            # Without a power cut: a board left in maintenance would count nothing.
            asking.at_work(board.node)
            report = board.report()
            assert (report["slot"], report["trial"]) == ("a", False)
            after = board.files()
            assert {p for p in after if p.startswith("/slots/")} <= {
                "/slots/confirmed",
                "/slots/part",
                "/slots/born",  # where no record found room
            }
            return said

    return run


def as_if(monkeypatch, **what):
    look = slots.look
    monkeypatch.setattr(slots, "look", lambda board: replace(look(board), **what))


@pytest.mark.vm
def test_micropython_that_is_too_old(refused, monkeypatch):
    as_if(monkeypatch, version=[1, 24, 1])
    said = refused()
    assert "runs micropython 1.24.1" in said and "1.25 or later" in said


@pytest.mark.vm
def test_board_that_is_another(refused, monkeypatch):
    as_if(monkeypatch, platform="esp32", machine="Generic ESP32 module")
    said = refused()
    assert "'sample' is for board 'pico' (rp2040)" in said and "Generic ESP32 module" in said


def old(sample):
    """Its slot differs from the sample's."""
    return board_files(changed(sample, serial="SB26000002"))


@pytest.mark.vm
def test_too_little_room(refused, sample):
    said = refused(filled(old(sample), 30))
    assert "bytes free and" in said and "remove files that are not Sibiao's" in said


@pytest.mark.vm
@pytest.mark.parametrize("free_blocks", [0, 1, 8, 24])
def test_file_system_that_becomes_full(refused, sample, monkeypatch, free_blocks):
    monkeypatch.setattr(copy, "_SPARE_BYTES", -352 * 4096)
    said = refused(filled(old(sample), free_blocks))
    assert "is full" in said and "remove files that are not Sibiao's" in said


@pytest.mark.vm
def test_user_ends_it(sample, monkeypatch):
    """Ctrl-C in the middle of copying: the board counts again at once."""
    from sibiao.board.flash import flash

    def progress(what, done, _total):
        if what.startswith("copying") and done:
            raise KeyboardInterrupt

    with VmBoard(board_files(sample)) as board:
        other = changed(sample, serial="SB26000002")
        with pytest.raises(KeyboardInterrupt):
            board.run(flash, other, board.path, progress)
        asking.at_work(board.node, 5 * S)
        assert board.report()["slot"] == "a"
