"""The ledger: what is put behind, and that nothing in it can be changed unseen."""

import csv
import io
import subprocess
import sys

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from sibiao.commands.ledger import command
from sibiao.errors import SibiaoError
from sibiao.ledger.file import Ledger
from sibiao.ledger.row import Fault, Row, checked

ROWS = 6


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.jsonl")


def filled(ledger, rows=ROWS):
    for number in range(rows):
        data = {"address": f"{number:012}", "points": {"water-301": {"dial": "1234.50"}}}
        ledger.append("provision", f"SB2600000{number}", "Müller", data)
    return ledger


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return filled(Ledger(tmp_path_factory.mktemp("ledger") / "l.jsonl")).path.read_bytes()


def faults(data):
    return [each for each in checked(data.split(b"\n")[:-1]) if isinstance(each, Fault)]


def run(*arguments):
    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SibiaoError | SystemExit):
        raise result.exception
    return result.output, str(result.exception or "")


def test_rows_hold_each_other(ledger):
    rows = filled(ledger).rows()
    assert [row.n for row in rows] == list(range(1, ROWS + 1))
    assert [row.before for row in rows[1:]] == [row.sha256 for row in rows[:-1]]
    assert rows[2].serial == "SB26000002" and rows[2].operator == "Müller"


@given(place=st.floats(0, 1, exclude_max=True), other=st.integers(1, 255))
@example(place=0.0, other=1)
@example(place=0.9999999, other=6)  # the last row's own line feed
def test_any_changed_byte_is_found(written, place, other):
    at = int(place * len(written))
    changed = bytearray(written)
    changed[at] ^= other
    found = faults(bytes(changed))
    cut = not bytes(changed).endswith(b"\n")
    assert found or cut
    if not cut:
        line = written[:at].count(b"\n") + 1
        assert found[0].line in (line, line + 1)


@given(st.lists(st.integers(0, ROWS - 1), max_size=2 * ROWS).filter(
    lambda order: order != list(range(len(order)))))  # fmt: skip
def test_removed_moved_and_doubled_rows_are_found(written, order):
    lines = written.split(b"\n")[:-1]
    assert faults(b"".join(lines[n] + b"\n" for n in order))


def test_a_row_that_was_sealed_anew_does_not_fit_the_next(written):
    from sibiao.ledger.row import opened, sealed

    lines = written.split(b"\n")[:-1]
    lines[2] = sealed(opened(lines[2]).model_copy(update={"operator": "Meyer"}))
    found = faults(b"\n".join(lines) + b"\n")
    assert [fault.line for fault in found] == [4]
    assert "does not follow the row before" in found[0].what


def test_rows_that_were_cut_off_show_against_a_head_seen_before(ledger):
    filled(ledger)
    head = ledger.rows()[-1].sha256
    output, _ = run("check", "--ledger", str(ledger.path))
    assert f"{ROWS} rows, all as they were written; the last is {head}" in output
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(b"".join(lines[:-1]))
    assert run("check", "--ledger", str(ledger.path))[1] == ""
    output, error = run("check", "--ledger", str(ledger.path), "--head", head)
    assert "no row has the SHA-256" in output and "not as it was written" in error


def test_a_broken_last_line_is_told_and_repaired_only_when_asked(ledger):
    filled(ledger)
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + whole[:77])
    before = ledger.path.read_bytes()
    output, error = run("check", "--ledger", str(ledger.path))
    assert f"{ROWS + 1} was not written to its end (77 bytes)" in output and error
    with pytest.raises(SibiaoError, match="sibiao ledger repair"):
        ledger.append("provision", "SB26000009", "Müller", {})
    assert ledger.path.read_bytes() == before
    output, _ = run("repair", "--ledger", str(ledger.path), "--by", "Meyer")
    assert "77 bytes are now in ledger.jsonl.broken-1" in output
    assert ledger.path.with_name("ledger.jsonl.broken-1").read_bytes() == whole[:77]
    assert ledger.path.read_bytes().startswith(whole)
    last = ledger.rows()[-1]
    assert (last.kind, last.operator, last.data["bytes"]) == ("repaired", "Meyer", 77)
    assert "nothing to repair" in run("repair", "--ledger", str(ledger.path))[0]


def test_a_damaged_last_row_is_not_built_upon(ledger):
    filled(ledger)
    data = ledger.path.read_bytes()
    ledger.path.write_bytes(data[:-20] + b"x" + data[-19:])
    with pytest.raises(SibiaoError, match="nothing is put behind it"):
        ledger.append("provision", "SB26000009", "Müller", {})


_WRITER = """
import sys
from pathlib import Path
from sibiao.ledger.file import Ledger
for n in range(20):
    Ledger(Path(sys.argv[1])).append("flash", sys.argv[2], "test", {"n": n})
"""


def test_several_writers_at_once(ledger):
    processes = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(ledger.path), f"UNIT{n}"])
        for n in range(4)
    ]
    assert [process.wait(60) for process in processes] == [0] * 4
    rows = ledger.rows()
    assert len(rows) == 80
    for n in range(4):
        assert [row.data["n"] for row in rows if row.serial == f"UNIT{n}"] == list(range(20))


def test_long_rows_and_small_ones(ledger):
    for size in (10, 100_000, 200_000, 10):
        ledger.append("bench", "SB26000001", "test", {"log": "x" * size})
    assert [len(row.data["log"]) for row in ledger.rows()] == [10, 100_000, 200_000, 10]


def test_export(ledger):
    filled(ledger, 2)
    ledger.append("label", "SB26000001", "test", {"files": ["a.svg"]})
    rows = list(csv.DictReader(io.StringIO(run("export", "--ledger", str(ledger.path))[0])))
    assert rows[1]["serial"] == "SB26000001" and rows[1]["points.water-301.dial"] == "1234.50"
    assert rows[2]["files"] == '["a.svg"]' and rows[2]["address"] == ""
    assert rows[0]["schema"] == "1"


def test_a_later_schema_is_told():
    from sibiao.ledger.row import FIRST, opened, sealed

    row = Row(n=1, time="", kind="flash", serial="", operator="", data={}, before=FIRST)
    later = sealed(row.model_copy(update={"version": 2}))
    assert "another version" in opened(later)


def test_what_cannot_be_read_or_written_is_one_sentence(tmp_path):
    _, error = run("check", "--ledger", str(tmp_path / "none"))
    assert "there is no ledger" in error
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "l.jsonl", tmp_path):
        with pytest.raises(SibiaoError, match="cannot be"):
            Ledger(path).append("flash", "", "", {})
