"""The bench itself: that it runs, that it writes what it says, and how it judges."""

import json

import pytest
from click.testing import CliRunner

from tests.bench import report
from tests.bench.figure import figure, not_measured


@pytest.mark.pico
def test_quick_bench(tmp_path):
    from tests.bench.__main__ import main

    done = CliRunner().invoke(main, ["--quick", "--out", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert written["about"]["seed"] == "1"
    by_name = {f["name"]: f for f in written["figures"]}
    turnaround = by_name["turnaround, reads 60 ms apart"]
    assert turnaround["count"] == 7
    assert 20 <= turnaround["lowest"] <= turnaround["value"] <= turnaround["highest"] <= 40
    assert by_name["collections between request and answer"]["value"] == 0
    assert by_name["one collection"]["count"] >= 5
    assert 0 < by_name["CPU time of one read"]["lowest"] < turnaround["lowest"]
    page = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in page for name in by_name)


def test_one_bad_sample_is_a_missed_aim():
    good = figure("g", "n", "ms", [21, 22, 39], "h", at_least=20, at_most=40)
    assert (good.verdict, good.value, good.aim) == ("met", 22, "20 … 40")
    assert figure("g", "n", "ms", [21, 22, 41], "h", at_least=20, at_most=40).verdict == "missed"
    assert figure("g", "n", "ms", [19, 22, 39], "h", at_least=20, at_most=40).verdict == "missed"
    assert figure("g", "n", "ms", [1], "h").verdict == ""


def test_what_was_not_measured_says_why():
    row = not_measured("g", "n", "bytes", "no VM here")
    page = report.page([row], {"seed": "1"})
    assert "not measured" in page and "no VM here" in page
