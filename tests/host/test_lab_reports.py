"""A run's reports, of steps that a real module was asked in: every kind says the same."""

import base64
import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import datetime

import pytest
from sibiao.errors import SibiaoError
from sibiao.lab.record import (
    Cut,
    CutMap,
    Latencies,
    ModuleFacts,
    PulseTrain,
    Run,
    Software,
    Step,
    SuccessRate,
)
from sibiao.lab.report import results
from sibiao.lab.report.page import reasons
from sibiao.lab.report.software import software

from tests.host.browser import looked_at
from tests.host.lab_steps import SEED, own_steps, played


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(run, folder of its reports)"""
    base = tmp_path_factory.mktemp("lab")
    own = own_steps(base / "own")
    facts, steps, _, broken, said = played(own, junit=base / "junit.xml")
    run = Run(
        operator="李 <An>",
        station="bench 2",
        seed=SEED,
        started=datetime.now().astimezone(),
        module=facts,
        software=software([own]),
        steps=steps,
        command=f"sibiao bench --seed {SEED}",
        planned=9,
        broken=broken,
        logs={"pytest.txt": said.encode()},
    )
    folder = results.folder_of(base / "out", 1, run)
    results.write(run, folder, base / "junit.xml")
    return run, folder


@pytest.fixture(scope="module")
def text(made):
    return (made[1] / "report.html").read_text(encoding="utf-8")


def test_json_holds_all(made):
    run, folder = made
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert (report["verdict"], report["operator"], report["seed"]) == ("failed", "李 <An>", SEED)
    assert report["outcomes"] == {"passed": 2, "failed": 5, "skipped": 1, "error": 1}
    assert report["module"]["serial"] == run.module.serial == report["serial"]
    assert all(len(report["software"][key]) >= 40 for key in ("commit", "steps_sha256"))
    address = report["steps"][0]
    assert address["measured"][0]["value"] == run.steps[0].measured[0].value
    assert [plot["kind"] for plot in address["plots"]] == ["Latencies", "SuccessRate"]
    for number, step in enumerate(report["steps"], 1):
        for name in step["logs"]:
            log = folder / "logs" / f"{number:02}-{step['name']}" / name
            assert log.read_bytes() == run.steps[number - 1].logs[name]


def test_csv_has_a_row_for_each_value_and_each_step(made):
    run, folder = made
    with (folder / "measured.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["step"], r["name"]) for r in rows] == [
        (step.name, name)
        for step in run.steps
        for name in ([each.name for each in step.measured] or [""])
    ]
    rate = next(r for r in rows if r["name"] == "rate")
    assert [rate[k] for k in ("value", "unit", "low", "high", "passed", "outcome")] == [
        "9.5", "1/s", "10", "", "no", "failed",
    ]  # fmt: skip
    missing = next(r for r in rows if r["name"] == "latency")
    assert (missing["value"], missing["passed"]) == ("", "no")


def test_junit_agrees(made):
    run, folder = made
    suite = ElementTree.parse(folder / "junit.xml").getroot().find("testsuite")
    counts = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    # pytest counts one that fails and then falls apart twice
    assert counts == {"tests": 10, "failures": 5, "errors": 2, "skipped": 1}
    first = suite.find("testcase[@name='test_address']/properties")
    told = {each.get("name"): each.get("value") for each in first}
    assert told["clause"] == "4.11/5.12"
    assert float(told["longest delay (ms)"]) == run.steps[0].measured[0].value


def test_the_page_says_all(made, text):
    run, _ = made
    body = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
    assert body.count('class="verdict failed"') == 2
    for word in ("李 &lt;An&gt;", "bench 2", run.module.serial, run.module.firmware, run.command,
                 "there is no relay &lt;here&gt;", "the multimeter is off", "not measured",
                 "at least 10 1/s", "printed by the step", "test_own.py"):  # fmt: skip
        assert word in body, word
    assert text.index("FAILED") < text.index("serial number") < text.rindex("FAILED")


def test_the_page_needs_nothing_beside_it(text):
    assert not re.search(r"<(?:link|script|img|iframe)\b|@import|url\((?!#)|\bsrc=", text)
    links = set(re.findall(r'\b(?:xlink:)?href="([^"]*)"', text))
    assert not [link for link in links if not link.startswith(("#", "data:"))]


def test_names_within_the_drawings_are_unlike(text):
    names = re.findall(r'<clipPath id="([^"]+)"', text)
    assert len(names) == len(set(names)) >= 5


def test_the_page_in_a_browser(made, tmp_path):
    run, folder = made
    seen = looked_at(folder / "report.html", tmp_path, "svg", ".verdict")
    assert seen["errors"] == [] == seen["fetched"]
    assert seen["width"] <= 1200
    plots = seen["found"]["svg"]
    assert len(plots) == sum(len(step.plots) for step in run.steps) == 4
    for plot in plots:
        assert plot["width"] > 600 and plot["height"] > 60 and plot["inner"] > 15 and plot["seen"]
    first, last = seen["found"][".verdict"]
    assert first["y"] + first["height"] < 900 and first["seen"] and last["seen"]
    assert first["text"].startswith("✘ FAILED") and first["text"] == last["text"]
    assert all(last["y"] > plot["y"] for plot in plots)


def of_steps(*steps, **more):
    frame = {"operator": "", "station": "", "seed": 1, "started": datetime.now().astimezone()}
    return Run(**frame, module=ModuleFacts(), software=Software({}), steps=list(steps), **more)


ODD = [
    PulseTrain([], []),
    PulseTrain([0.5], []),
    PulseTrain([i / 10 for i in range(20_000)], [(100.0 * i, 1000 * i) for i in range(21)]),
    SuccessRate(0, 0, 0.0),
    SuccessRate(1, 1, 0.0, wanted=0.999),
    SuccessRate(10**6, 0, 0.999997, "a & b < c", 0.999),
    Latencies([]),
    Latencies([25.0]),
    Latencies([25.0] * 500 + [3.0, 5000.0], low=20, high=500),
    CutMap([]),
    CutMap([Cut(1.0, False, None)]),
    CutMap([Cut(1.0, True, -2, 0), Cut(2.0, True, 0, 3)]),
]


@pytest.mark.parametrize("plot", ODD, ids=lambda plot: f"{type(plot).__name__}-{ODD.index(plot)}")
def test_odd_plots_are_drawn(plot, tmp_path):
    results.write(of_steps(Step("", "x", "passed", 1.0, plots=[plot])), tmp_path, None)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    drawn = re.search(r"<svg.*?</svg>", text, re.DOTALL)
    assert drawn, re.findall(r"cannot be drawn.*", text)
    ElementTree.fromstring(drawn[0])
    assert len(text) < 300_000


def test_a_plot_that_cannot_be_drawn_is_told_and_takes_nothing_else_with_it(tmp_path):
    steps = [Step("", "x", "passed", 1.0, plots=[Latencies([None]), Latencies([25.0])])]
    results.write(of_steps(*steps), tmp_path, None)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Latencies cannot be drawn: TypeError" in text
    assert text.count("<svg") == 1


def test_a_page_that_cannot_be_made_leaves_all_else(tmp_path):
    run = of_steps(Step("", "x", "passed", 1.0), only=[1, 2])  # numbers, which cannot be joined
    with pytest.raises(SibiaoError, match=r"its page cannot be made .* report\.json holds all"):
        results.write(run, tmp_path, None)
    assert {p.name for p in tmp_path.iterdir()} == {"report.json", "measured.csv"}


def test_a_long_log_is_cut_in_the_page_and_whole_behind_its_link(tmp_path):
    log = b"".join(b"%07d\n" % n for n in range(20_000)) + b"\x00\xff<end>"
    results.write(of_steps(Step("", "x", "passed", 1.0, logs={"a/../b.log": log})), tmp_path, None)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "0000000\n" in text and "&lt;end&gt;" in text and "0010000\n" not in text
    assert f"{len(log) - 40_000} bytes in the middle are not shown" in text
    link = re.search(r'href="data:application/octet-stream;base64,([^"]+)"', text)[1]
    assert base64.b64decode(link) == log
    assert [p.name for p in tmp_path.rglob("*.log")] == ["a_.._b.log"]


def test_a_run_that_broke_off_says_what_was_not_done():
    run = of_steps(Step("4.10", "channel", "passed", 1.0), planned=3, broken="broken off")
    assert reasons(run) == ["broken off", "2 of 3 steps were not done"]
    assert reasons(of_steps(Step("", "", "skipped", 0.0), planned=1)) == ["no step passed"]
