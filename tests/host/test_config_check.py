"""`sibiao config check`: what it says of broken files, word for word, and of the shipped ones."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.config.check import every
from sibiao.config.check.whole import Whole, found
from sibiao.config.load import KINDS, directory, load, names, read
from sibiao.config.problems import Refused
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import slot_files

from tests.host import broken
from tests.host.changed_configs import edit

CASES = broken.cases()  # a file of them a module of config/check, named as it
LISTS = ("OF_BOARD", "OF_UPLINK", "OF_PULSE_METER", "OF_BUS_METER", "OF_COMMUNITY")
# What the reader of files says, before any check.
OF_FILES = ("syntax", "schema", "unknown key", "missing key", "value", "unknown name")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    base = tmp_path_factory.mktemp("broken") / "configs"
    shutil.copytree(directory(), base)
    return base


@pytest.fixture
def base(copied, monkeypatch):
    """The shipped files, and names relative to them."""
    monkeypatch.chdir(copied)
    return copied


def run(*args):
    return CliRunner().invoke(cli, ["config", "check", *map(str, args)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.theme}-{case.check}")
def test_a_broken_file_is_told_in_these_lines(base, monkeypatch, case):
    broken.broken(base, case)
    try:
        assert broken.said(base, case) == case.says
        # It is this check that says so.
        if case.check not in OF_FILES:
            without(monkeypatch, case)
            assert broken.said(base, case) != case.says
    finally:
        broken.mended(base, case)


def without(monkeypatch, case):
    name = f"{case.theme}.{case.check}"
    for of in LISTS:
        left = tuple(each for each in getattr(every, of) if _name(each) != name)
        monkeypatch.setattr(every, of, left)


def _name(function):
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def test_each_check_has_two_broken_files_or_more():
    wanted = [_name(each) for of in LISTS for each in getattr(every, of)]
    assert len(set(wanted)) == len(wanted)
    had = Counter(
        case.check if case.check in OF_FILES else f"{case.theme}.{case.check}" for case in CASES
    )
    assert had.keys() == {*wanted, *OF_FILES}
    assert min(had.values()) >= 2


def test_shipped_files_pass():
    whole = Whole()
    for path in found([directory()]):
        whole.add(path)
    assert [str(each) for each in whole.in_order() if each.is_error] == []
    assert whole.files == sum(len(names(kind)) for kind in KINDS)
    # Nothing but which boards nobody saw running.
    unverified = [n for n in names("boards") if read("boards", n).verified is False]
    assert len(whole.in_order()) == len(unverified)


def test_all_errors_of_all_files_come_in_one_run_by_file_and_line(base):
    cases = [case for case in CASES if case.theme == "files" and case.check == "value"]
    for case in cases:
        broken.broken(base, case)
    try:
        result = run(base)
        *lines, summary = result.output.splitlines()
    finally:
        for case in cases:
            broken.mended(base, case)
    errors = [line for line in lines if "warning:" not in line]
    assert set(errors) == {line for case in cases for line in case.says}
    assert errors == sorted(errors, key=lambda line: (line.split(":")[0], int(line.split(":")[1])))
    # Warnings stand apart, behind.
    assert lines[: len(errors)] == errors
    files = sum(len(names(kind)) for kind in KINDS)
    warnings = len(lines) - len(errors)
    assert summary == f"{files} files, {len(errors)} errors, {warnings} warnings"
    assert result.exit_code == 1


def test_warnings_alone_end_well(base):
    result = run(base / "boards" / "pico-2.toml")
    assert result.exit_code == 0
    line, summary = result.output.splitlines()
    assert line.startswith("boards/pico-2.toml:5:1: warning: this board never ran the firmware")
    assert summary == "2 files, 0 errors, 1 warning" or summary == "1 file, 0 errors, 1 warning"


def test_problems_for_programs(base):
    (case,) = [c for c in CASES if c.check == "unknown name" and c.says[0].startswith("boards/")]
    broken.broken(base, case)
    try:
        result = run("--json", base / "boards" / "pico.toml")
    finally:
        broken.mended(base, case)
    assert result.exit_code == 1
    assert [json.loads(line) for line in result.output.splitlines()] == [
        {
            "file": "boards/pico.toml",
            "line": 4,
            "column": 1,
            "severity": "error",
            "text": "mcu: there is no 'rp2400' among the chips",
            "allowed": "",
            "hint": "did you mean 'rp2040'?",
        }
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", "there is no"),
        ("README.md", "stands in none of the folders"),
        (".", "holds no configuration"),
    ],
)
def test_a_path_without_configuration_is_told(tmp_path, monkeypatch, path, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("no configuration")
    with pytest.raises(SibiaoError, match=said):
        found([tmp_path / path])


def test_nothing_is_built_of_a_community_with_errors(base):
    case = next(case for case in CASES if case.check == "twice")
    broken.broken(base, case)
    try:
        with pytest.raises(Refused) as refused:
            slot_files(load("sample", base))
    finally:
        broken.mended(base, case)
    assert str(refused.value) == "\n".join(case.says)


def test_the_page_shows_a_real_run(tmp_path, monkeypatch):
    page = Path(__file__).parents[2] / "docs" / "checking.md"
    shown = page.read_text(encoding="utf-8").partition("```\n$ sibiao ")[2].partition("```")[0]
    command, *lines = shown.splitlines()
    base = tmp_path / "board_configs"
    shutil.copytree(directory(), base)
    edit(base, "boards", "pico", ("gpio = 15,", "gpio = 0,"))
    edit(base, "boards", "pico-four-meters", ("hold_up_ms = 1000", "hold_up_ms = 500"))
    edit(base, "communities", "sample", ('wired_to = "bus"', 'wired_to = "bis"'))
    edit(base, "communities", "four-water", ('"hot-502"', '"hot-501"'))
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, command.split()).output.splitlines() == lines
