"""The bench itself: that it runs, that it writes what it says, and how it judges."""

import json

import pytest
from click.testing import CliRunner
from sibiao.firmware.slot import slot_files
from sibiao.node.vm.binary import vm_binary

from tests.bench import pulse_rate, report
from tests.bench.bus_memory import heap_after_polls
from tests.bench.figure import figure, not_measured

pytestmark = pytest.mark.takes(30)


@pytest.mark.pico
def test_quick_bench(tmp_path):
    from tests.bench.__main__ import main

    done = CliRunner().invoke(main, ["--quick", "--out", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert written["about"]["seed"] == "1"
    by_name = {f["name"]: f for f in written["figures"]}
    turnaround = by_name["turnaround, reads 60 ms apart"]
    assert turnaround["count"] == 4
    assert 20 <= turnaround["lowest"] <= turnaround["value"] <= turnaround["highest"] <= 40
    assert by_name["collections between request and answer"]["value"] == 0
    assert by_name["one collection"]["count"] >= 3
    assert 0 < by_name["CPU time of one read"]["lowest"] < turnaround["lowest"]
    for telegram in ("M-Bus, 92 bytes", "CJ/T 188 heat 901F, 63 bytes"):
        whole = by_name[f"{telegram}: one telegram, whole"]["value"]
        assert 1 < whole < by_name[f"{telegram}: one telegram, byte by byte"]["value"] < 100
    assert by_name["frames a second, times those of the server of PyPI dlt645"]["value"] > 0.5
    page = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in page for name in by_name)


@pytest.mark.parametrize("case", pulse_rate.CASES, ids=lambda case: case.title)
def test_each_source_of_the_rate_makes_a_firmware(case):
    width_us = pulse_rate.width_us(case.ladder_hz[0])
    assert slot_files(pulse_rate.loaded_for(case.source, width_us, case.saving))


def test_one_bad_sample_is_a_missed_aim():
    good = figure("g", "n", "ms", [21, 22, 39], "h", at_least=20, at_most=40)
    assert (good.verdict, good.value, good.aim) == ("met", 22, "20 … 40")
    assert figure("g", "n", "ms", [21, 22, 41], "h", at_least=20, at_most=40).verdict == "missed"
    assert figure("g", "n", "ms", [19, 22, 39], "h", at_least=20, at_most=40).verdict == "missed"
    assert figure("g", "n", "ms", [1], "h").verdict == ""


def test_a_part_measured_anew_leaves_the_others(tmp_path):
    facts = {"date": "2026-01-01", "commit": "abc"}
    first = [figure("g", "a", "ms", [1], "h"), figure("g", "b", "ms", [2], "h")]
    report.write(tmp_path, first, facts, parts=False)
    later = [figure("z", "c", "ms", [4], "h"), figure("g", "b", "ms", [3], "h")]
    report.write(tmp_path, later, facts | {"date": "2026-01-02"}, parts=True)
    rows = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))["figures"]
    told = [(f["name"], f["value"], f["measured"]) for f in rows]
    old, new = "2026-01-01, abc", "2026-01-02, abc"
    assert told == [("c", 4, new), ("a", 1, old), ("b", 3, new)]
    assert f"**b** ({new})" in (tmp_path / "bench.md").read_text(encoding="utf-8")


@pytest.mark.vm
def test_polls_keep_no_memory():
    heap = heap_after_polls(vm_binary(), 200)
    assert len(heap) == 10
    assert len(set(heap)) == 1, heap


def test_what_was_not_measured_says_why():
    row = not_measured("g", "n", "bytes", "no VM here")
    page = report.page([row], {"seed": "1"})
    assert "not measured" in page and "no VM here" in page
