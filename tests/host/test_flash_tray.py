"""`sibiao flash` with ports behind which nothing is: verdicts, lines, rows and exit codes."""

import json
import os
import tty
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from rich.console import Console
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo
from sibiao.board import prompt
from sibiao.cli import cli
from sibiao.config.load import load
from sibiao.config.units.unit import template
from sibiao.errors import SibiaoError
from sibiao.ledger.file import Ledger
from sibiao.tray import ports as tray_ports
from sibiao.tray.result import FAILED, FLASHED, INTERRUPTED, KEPT, Result
from sibiao.tray.show import Lines, table


@pytest.fixture
def flash(tmp_path, monkeypatch):
    """flash(*arguments): (exit code, stdout, stderr, the error's sentence)."""
    monkeypatch.setattr(prompt, "_ANSWER_S", 0.2)
    units = tmp_path / "units.csv"
    units.write_text("\n".join(",".join(map(str, row)) for row in template(load("sample"))) + "\n")

    def run(*arguments, community="sample"):
        given = ["--ledger", str(tmp_path / "ledger.jsonl"), "--by", "test"]
        given += ["--units", str(units)] if community == "sample" else []
        result = CliRunner().invoke(cli, ["flash", community, *given, *arguments])
        error = result.exception
        if error and not isinstance(error, SibiaoError | SystemExit):
            raise error
        text = str(error) if isinstance(error, SibiaoError) else ""
        return result.exit_code, result.stdout, result.stderr, text

    return run


@contextmanager
def silent_port():
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        yield os.ttyname(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def test_each_port_has_its_verdict_and_its_row(flash, tmp_path):
    with silent_port() as silent:
        code, out, err, sentence = flash("--port", "/dev/none", "--port", silent, "--json")
    assert (code, sentence) == (1, "2 of 2 boards did not pass")
    told = {line["port"]: line for line in map(json.loads, out.splitlines())}
    assert told.keys() == {"/dev/none", silent}
    assert all(line["verdict"] == "failed" and not line["serial"] for line in told.values())
    assert "there is no port /dev/none" in told["/dev/none"]["error"]
    assert "does not answer" in told[silent]["error"]
    rows = Ledger(tmp_path / "ledger.jsonl").rows()
    assert {row.data["port"]: row.data["error"] for row in rows} == {
        port: line["error"] for port, line in told.items()
    }
    assert all(row.kind == "flash" and "points" not in row.data for row in rows)
    # Each event is a whole line of its own.
    assert all(line.startswith((f"{silent}: ", "/dev/none: ")) for line in err.splitlines())
    assert err.count("compiling") == 2


def test_the_table_tells_what_to_do(flash):
    code, out, _, _ = flash("--port", "/dev/none", "--port", "/dev/nothing")
    assert code == 1
    assert "/dev/nothing: there is no port /dev/nothing: check the cable" in " ".join(out.split())


def test_what_cannot_begin(flash, tmp_path):
    keys = ("--keys", str(tmp_path))
    assert "leave --keys out" in flash("--port", "/dev/none", *keys)[3]
    sealed = ("--port", "/dev/none", "--keys", str(tmp_path / "none"))
    assert "there is no folder" in flash(*sealed, community="sealed-dwelling")[3]
    assert "no unit 'SB2'" in flash("--port", "/dev/none", "--unit", "SB2")[3]
    two = ("--port", "/dev/none", "--port", "/dev/nothing")
    assert "cannot all be unit SB26000001" in flash(*two, "--unit", "SB26000001")[3]
    assert "cannot all be unit" in flash(*two, community="sealed-dwelling")[3]
    assert "write PORT=UPLINK" in flash(*two, "--uplink", "/dev/ttyUSB0")[3]
    assert flash()[0] == flash("--all", "--port", "/dev/none")[0] == 2
    assert flash("--port", "/dev/none", "--replace")[0] == 2
    assert Ledger(tmp_path / "ledger.jsonl").rows() == []


def usb(device, vid, pid):
    port = ListPortInfo(device)
    port.vid, port.pid = vid, pid
    return port


def test_all_are_those_with_the_chips_usb_id(flash, monkeypatch):
    there = [usb("/dev/x1", 0x2E8A, 5), usb("/dev/x2", 0x10C4, 0xEA60), usb("/dev/x3", 0x2E8A, 5)]
    monkeypatch.setattr(list_ports, "comports", lambda: there)
    told = [json.loads(line) for line in flash("--all", "--json")[1].splitlines()]
    assert {line["port"] for line in told} == {"/dev/x1", "/dev/x3"}
    del there[::2]
    assert "no board with RP2040 is attached (USB id 2e8a:0005)" in flash("--all")[3]


def test_ports_tell_chips(monkeypatch):
    there = [usb("/dev/x1", 0x2E8A, 5), usb("/dev/x2", 0x10C4, 0xEA60)]
    monkeypatch.setattr(list_ports, "comports", lambda: there)
    told = json.loads(CliRunner().invoke(cli, ["ports", "--json"]).stdout)
    assert [(row["usb"], row["chip"]) for row in told] == [
        ("2e8a:0005", "RP2040 or RP2350A"), ("10c4:ea60", None),
    ]  # fmt: skip
    shown = CliRunner().invoke(cli, ["ports"], env={"COLUMNS": "120"}).stdout
    assert "RP2040 or RP2350A" in shown and "board id" not in shown


def test_names_by_socket_are_preferred(tmp_path, monkeypatch):
    for name in ("x1", "x2"):
        (tmp_path / name).touch()
    links = tmp_path / "by-path"
    links.mkdir()
    (links / "pci-1-usb-0:2:1.0").symlink_to(tmp_path / "x1")
    monkeypatch.setattr(tray_ports, "_BY_PATH", links)
    named = [str(tmp_path / "x1"), str(tmp_path / "x2")]
    assert tray_ports.ways(named) == {
        named[0]: str(links / "pci-1-usb-0:2:1.0"), named[1]: named[1],
    }  # fmt: skip


def test_every_verdict_is_in_the_table():
    results = [
        Result("/dev/a", FLASHED, "SB26000100", "e660", "b", ["/b/config.mpy"], 900, 83, 7.25),
        Result("/dev/b", KEPT, "SB26000101", "e661", "a", kept=84),
        Result("/dev/c", FAILED, error="the cable: repeat"),
        Result("/dev/d", INTERRUPTED, "SB26000103", "e663", "a", error="ended: repeat"),
    ]
    console = Console(width=80, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(table(results))
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert "/dev/a SB26000100 e660 flashed b 1 83 7.2" in lines
    assert "/dev/b SB26000101 e661 kept a 0 84 0.0" in lines
    assert "/dev/c failed ? 0 0 0.0" in lines
    assert lines[-2:] == ["/dev/c: the cable: repeat", "/dev/d: ended: repeat"]
    assert [each.has_passed for each in results] == [True, True, False, False]


def test_files_are_not_told_one_by_one(capsys):
    from sibiao.tray.run import Told

    lines = Lines(Console(), ["p", "q"])
    for what, done in (("copying", 0), ("copying /a/x", 10), ("copying /a/y", 20), ("reading", 0)):
        lines.told(Told("p", what, done, 20))
    lines.told(Told("q", "copying", 0, 20))
    assert capsys.readouterr().out.splitlines() == ["p: copying", "p: reading", "q: copying"]
