"""`sibiao bench` as a laboratory calls it: exit codes, folders, ledger, history, breaking off."""

import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.ledger.file import Ledger

from tests.host.lab_steps import SEED, own_steps

pytestmark = pytest.mark.takes(40)

_LIMIT_S = 180

SOUND = """
from helper_of_this_lab import ADDRESS_READ
from sibiao.lab.plugin import clause

@clause("lab/1", "ours")
def test_delay(stand, measure, rng):
    stand.run(rng.uniform(0, 1))
    measure("delay", stand.uplink_exchange(ADDRESS_READ)[1], "ms", 20, 500)
"""
DYING = (
    SOUND
    + """
import os, signal

@clause("lab/1", "ours")
def test_dies():
    os.kill(os.getpid(), signal.SIGKILL)
"""
)
ENDLESS = (
    SOUND
    + """
import os

@clause("lab/1", "ours")
def test_never_ends(stand):
    with open("begun", "w") as file:
        file.write(str(os.getpid()))
    os.rename("begun", "process")
    while True:
        stand.run(1)
"""
)


def command(*args):
    return [sys.executable, "-m", "sibiao", "bench", *args, "--only", "ours", "--seed", str(SEED)]


def bench(folder, text, *args):
    own = own_steps(folder / "own", text)
    run = command("--steps", str(own), *args)
    return subprocess.run(
        run, cwd=folder, capture_output=True, text=True, check=False, timeout=_LIMIT_S
    )


def report_of(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def passed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    args = ["--operator", "An", "--station", "2", "--ledger", "ledger.jsonl", "--quick"]
    return folder, bench(folder, SOUND, *args)


def test_a_module_that_passes(passed):
    folder, done = passed
    assert done.returncode == 0, done.stderr
    (results,) = (folder / "results").iterdir()
    report = report_of(results)
    assert re.fullmatch(rf"\d{{8}}-\d{{6}}-{report['serial']}", results.name)
    assert {p.name for p in results.iterdir()} == {
        "report.json", "report.html", "measured.csv", "junit.xml", "logs",
    }  # fmt: skip
    assert (report["verdict"], report["operator"], report["station"]) == ("passed", "An", "2")
    assert done.stdout.splitlines()[0].startswith("✔ PASSED")
    assert "PASSED" in "\n".join(done.stdout.splitlines()[-4:])  # in its frame, last


def test_its_row_in_the_ledger_holds_the_report(passed):
    folder, _ = passed
    (row,) = Ledger(folder / "ledger.jsonl").rows()
    path = folder / row.data["report"]
    assert (row.kind, row.serial, row.operator) == (
        "bench",
        report_of(path.parent)["serial"],
        "An",
    )
    assert row.data["verdict"] == "passed"
    assert row.data["report_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_command_of_the_report_repeats_it(passed):
    folder, _ = passed
    (first,) = (folder / "results").iterdir()
    words = shlex.split(report_of(first)["repeat"])
    assert words[:2] == ["sibiao", "bench"]
    run = [sys.executable, "-m", "sibiao", *words[1:], "--out", "again"]
    subprocess.run(run, cwd=folder, check=True, capture_output=True, timeout=_LIMIT_S)
    again = report_of(folder / "again")
    assert again["steps"][0]["measured"] == report_of(first)["steps"][0]["measured"]
    assert again["software"]["steps_sha256"] == report_of(first)["software"]["steps_sha256"]
    for each in first.rglob("lines.txt"):
        assert (folder / "again" / each.relative_to(first)).read_bytes() == each.read_bytes()


def test_history_tells_all_runs_of_a_serial_number(passed):
    folder, _ = passed
    serial = report_of(next((folder / "results").iterdir()))["serial"]
    args = ["bench", "history", serial, "--results", str(folder), "--json"]
    told = [json.loads(line) for line in CliRunner().invoke(cli, args).stdout.splitlines()]
    assert told and all(each["verdict"] == "passed" for each in told)
    assert told == sorted(told, key=lambda each: each["started"])
    shown = CliRunner().invoke(cli, args[:-1]).stdout
    assert shown.count("PASSED") == len(told)
    nobody = CliRunner().invoke(cli, [*args[:2], "nobody", *args[3:]])
    assert "holds no run of serial number nobody" in str(nobody.exception)


def test_a_history_with_a_hole_is_refused(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "report.json").write_text("{")
    done = CliRunner().invoke(cli, ["bench", "history", "1", "--results", str(tmp_path)])
    assert "report.json is no report of the bench" in str(done.exception)


def test_several_modules_get_a_folder_each_and_a_summary(tmp_path):
    done = bench(
        tmp_path, SOUND, "--module", "virtual", "--module", "virtual,community=four-water",
        "--at-once", "2", "--out", "here", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["verdict"] == "passed" and [run["verdict"] for run in told["runs"]] == [
        "passed",
        "passed",
    ]
    folders = {(tmp_path / run["reports"]).name: run for run in told["runs"]}
    assert len(folders) == 2
    for name, run in folders.items():
        report = report_of(tmp_path / "here" / name)
        assert report["serial"] == run["serial"] == name
        assert run["module"] in report["repeat"]
    assert done.stderr.count("reports: here") == 2


def test_what_cannot_be_kept_is_no_pass(tmp_path):
    """The ledger is spoiled while the module is tested."""
    spoil = SOUND + "\n    open('ledger.jsonl', 'w').write('half a row')\n"
    done = bench(tmp_path, spoil, "--out", "here", "--ledger", "ledger.jsonl")
    assert done.returncode == 1
    assert "UNFINISHED" in done.stdout and "not all of it is kept" in done.stdout
    assert report_of(tmp_path / "here")["steps"][0]["outcome"] == "passed"


def test_a_process_that_dies_leaves_a_report_of_what_it_had(tmp_path):
    done = bench(tmp_path, DYING, "--out", "here")
    assert done.returncode == 1
    report = report_of(tmp_path / "here")
    assert report["verdict"] == "unfinished"
    assert report["broken"] == "the process of this module died (exit code -9)"
    assert [step["outcome"] for step in report["steps"]] == ["passed"]
    assert "1 of 2 steps were not done" in done.stdout


def test_ctrl_c_leaves_a_report_and_no_process(tmp_path):
    own = own_steps(tmp_path / "own", ENDLESS)
    run = command("--steps", str(own), "--out", "here", "--ledger", "ledger.jsonl")
    with subprocess.Popen(run, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "process").exists() and process.poll() is None:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=_LIMIT_S)
    assert process.returncode == 1
    report = report_of(tmp_path / "here")
    assert (report["verdict"], report["broken"]) == ("unfinished", "broken off")
    assert [step["outcome"] for step in report["steps"]] == ["passed", "error"]
    assert "UNFINISHED" in said
    assert Ledger(tmp_path / "ledger.jsonl").rows()[0].data["broken"] == "broken off"
    with pytest.raises(ProcessLookupError):  # neither it nor the module's own processes
        os.killpg(int((tmp_path / "process").read_text()), 0)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--module", "/dev/ttyACM0"], "say at which port the uplink is"),
        (["--module", "pico,uplink=/dev/x"], "pico has its own lines, and no ports"),
        (["--module", "COM3,uplink="], "write pico, virtual, or the module's USB port"),
        (["--module", "COM3,uplink=COM4,bsu=COM5"], "has no bus 'bsu'; it has bus"),
        (["--module", ""], "write pico, virtual, or the module's USB port"),
        (["--module", "a,uplink=b", "--module", "c,uplink=b"], "port b is named twice"),
        (["--generator", "COM5"], "--generator is for one real module"),
        (["--only", "9.9"], "no step is of 9.9"),
        (["--steps", "not-there"], "there is no folder of steps"),
        (["--out", "file/below"], "no results can be put into file"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is(tmp_path, monkeypatch, args, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    own = own_steps(tmp_path / "own", SOUND)
    if "--steps" not in args:
        args = [*args, "--steps", str(own)]
    done = CliRunner().invoke(cli, ["bench", *args])
    assert said in str(done.exception), done.output
    assert sorted(p.name for p in tmp_path.iterdir()) in (
        ["file", "own"],
        ["file", "own", "results"],
    )


def test_steps_are_listed(tmp_path):
    own = own_steps(tmp_path / "own", SOUND)
    done = CliRunner().invoke(cli, ["bench", "steps", "--steps", str(own), "--only", "lab"])
    assert done.exit_code == 0
    assert done.output.split()[:2] == ["lab/1", "ours:"]
