"""The demonstration against a fake node: it passes what is right, and says what is wrong."""

import io
import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from rich.console import Console
from sibiao.commands import demo
from sibiao.config.load import load
from sibiao.demo import nodes
from sibiao.demo.picture import Picture, frame_line
from sibiao.demo.plain import PlainPicture
from sibiao.demo.run import DONE, READING, SETTLING, DemoRun
from sibiao.demo.scene import scene_of
from sibiao.demo.show import show
from sibiao.demo.verdict import as_json, judge, turnaround_ms
from sibiao.errors import SibiaoError

from tests.host.fake_node import FakeNode

MS = 1_000_000
S = 1_000_000_000
READINGS = ["index", "energy", "power", "flow", "volume", "supply", "return"]


@pytest.fixture(scope="module")
def scene():
    return scene_of(load("sample"))


def play(scene, seconds=15, order=lambda node: None, **options):
    node = FakeNode(scene, **options)
    order(node)
    run = DemoRun(node, scene, seconds)
    phases = [run.phase]
    while run.step(50 * MS):
        if run.phase != phases[-1]:
            phases.append(run.phase)
    return run, [*phases, run.phase], judge(run)


def test_a_sound_converter_passes_in_about_the_time_asked_for(scene):
    run, phases, verdict = play(scene)
    assert verdict.reasons == ()
    assert phases == ["starting", READING, SETTLING, DONE]
    assert 12 * S < run.now_ns < 16.5 * S
    assert run.tried == run.ok > 20
    assert run.counted == run.water.emitted > 3
    least, middle, most = turnaround_ms(run)
    assert least == pytest.approx(25, abs=0.01) and middle == most == least


def test_json_line_says_it_all(scene):
    run, _, verdict = play(scene)
    line = json.loads(as_json(run, verdict))
    assert list(line) == ["node", "reads", "pulses", "points", "verdict"]
    assert line["node"] == "vm" and line["verdict"] == "pass"
    assert line["reads"] == {"tried": run.tried, "ok": run.tried}
    assert line["pulses"] == {"emitted": run.counted, "counted": run.counted}
    assert [p["name"].split()[1] for p in line["points"]] == READINGS
    water = line["points"][0]
    assert list(water) == ["name", "dial", "register", "collected", "unit"]
    assert water["dial"] == water["register"] == 1234.5 + run.counted / 100
    assert water["unit"] == "m3"
    heat = line["points"][1]
    assert 36384.93 < heat["collected"] <= heat["register"] <= heat["dial"] < 36386


def lose_a_pulse(node):
    node.lose_pulse = 2


def mute_now_and_then(node):
    node.mute_every = 30


def answer_power_wrong(node):
    node.shift["heat-301 power"] = 10_000


def run_ahead(node):
    node.shift["water-301 index"] = 1


def stay_dead(node):
    node.dead = True


@pytest.mark.parametrize(
    "order, reason",
    [
        (lose_a_pulse, r"^\d+ pulses were emitted, \d+ counted$"),
        (mute_now_and_then, r"^\d of \d+ reads failed: no answer × \d$"),
        (answer_power_wrong, r"^heat-301 power: \d+ of \d+ values were never on the meter's dial"),
        (run_ahead, r"^water-301 index: \d+ of \d+ values were never on the meter's dial"),
        (stay_dead, r"^the converter was not ready in time; no value of water-301 index, .*"),
    ],
)
def test_each_fault_fails_and_is_named(scene, order, reason):
    run, _, verdict = play(scene, order=order)
    assert any(re.search(reason, r) for r in verdict.reasons), verdict
    assert json.loads(as_json(run, verdict))["verdict"] == "fail"


def test_reads_before_the_converter_is_ready_do_not_count(scene):
    run, _, verdict = play(scene, seconds=20, boot_ns=4 * S)
    assert verdict.passed
    assert run.ready_ns > 4 * S


def test_a_converter_that_goes_dead_while_read_ends_the_run(scene):
    node = FakeNode(scene)
    run = DemoRun(node, scene, 15)
    while run.step(50 * MS):
        node.dead = run.ready_ns is not None
    verdict = judge(run)
    assert run.now_ns < 40 * S
    assert any("never collected" in reason for reason in verdict.reasons)
    assert any("no answer" in reason for reason in verdict.reasons)


@pytest.mark.parametrize("width, height", [(80, 24), (100, 30)])
def test_the_picture_fills_the_terminal_and_cuts_nothing(scene, width, height):
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, height=height, color_system=None)
    run = DemoRun(FakeNode(scene), scene, 15)
    picture = Picture(console, run, "a fake node")
    while run.now_ns < 10 * S:
        run.step(50 * MS)
    lines = console.render_lines(picture._picture(height - 1))
    assert len(lines) == height - 1
    text = "\n".join("".join(s.text for s in line) for line in lines)
    assert "…" not in text
    for follow in run.follows.values():
        assert follow.collected.value.number() in text
        assert follow.watched.read.unit in text
    assert "100 %" in text
    assert "elec→conv" in text and "conv→elec" in text


def test_a_step_ends_in_a_quiet_moment_when_something_else_is_wanted(scene):
    run = DemoRun(FakeNode(scene), scene, 15)
    ended_early = 0
    while run.now_ns < 8 * S:
        before_ns = run.now_ns
        run.step(50 * MS, lambda: True)
        early = run.now_ns - before_ns < 50 * MS
        assert run.quiet or not early
        ended_early += early
        run.step(MS)
    assert ended_early > 10


def test_the_last_picture_fits_into_a_small_terminal(scene):
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    run, _, verdict = play(scene)
    picture = Picture(console, run, "a fake node")
    lines = console.render_lines(picture.last(verdict))
    assert len(lines) == 23
    text = "\n".join("".join(s.text for s in line) for line in lines)
    for part in ("Sibiao", "water-301 index", "✓ PASS", "conv→elec"):
        assert part in text


def test_without_a_terminal_plain_lines_and_the_verdict(scene):
    out = io.StringIO()
    run = DemoRun(FakeNode(scene), scene, 15)
    with PlainPicture(Console(file=out, width=100), run, "a fake node") as picture:
        picture.update()
        while run.step(50 * MS):
            picture.update()
        picture.finish(judge(run))
    text = out.getvalue()
    assert "\x1b" not in text
    assert 6 <= text.count("● ") <= 12
    assert "✓ PASS" in text and "a fake node" in text


def test_frames_are_one_line_each(scene):
    run, _, _ = play(scene)
    answers = [f for f in run.frames if f.line == "uplink" and not f.to_converter]
    text = frame_line(answers[-1], run.began_ns).plain
    assert "conv→elec 000000000001" in text
    assert f"91 answer E0010900 {run.counted}" in text


def test_with_json_the_line_stands_alone_on_stdout_and_the_node_is_closed(scene, capfd):
    node = FakeNode(scene)
    verdict = show(load("sample"), lambda loaded, say: (node, "a fake node"), 15, json_line=True)
    out, err = capfd.readouterr()
    assert verdict.passed and node.closed
    assert out.count("\n") == 1 and json.loads(out)["verdict"] == "pass"
    assert "✓ PASS" in err


def test_a_node_that_fails_is_closed(scene):
    node = FakeNode(scene)

    def fail(done, limit_ns):
        raise SibiaoError("the emulator stopped")

    node.run_until = fail
    with pytest.raises(SibiaoError, match="stopped"):
        show(load("sample"), lambda loaded, say: (node, "a fake node"), 15)
    assert node.closed


def test_a_community_without_a_heat_meter_is_refused_by_name(scene):
    loaded = load("sample")
    water_only = loaded.community.model_copy(update={"points": loaded.community.points[:1]})
    with pytest.raises(SibiaoError, match="'sample' has no heat meter"):
        scene_of(replace(loaded, community=water_only))


def no_image(say, build):
    raise SibiaoError("no Pico image: none is in the cache")


def test_without_an_image_the_vm_takes_over_and_says_why(monkeypatch):
    said = []
    monkeypatch.delenv("SIBIAO_REQUIRE_PICO", raising=False)
    monkeypatch.setattr(nodes, "find_pico_image", no_image)
    monkeypatch.setattr(nodes, "open_vm", lambda loaded, say: ("a node", "a VM"))
    assert nodes.open_best(load("sample"), said.append) == ("a node", "a VM")
    assert "instead of the emulated Pico: no Pico image" in said[0]


def test_where_the_pico_is_required_nothing_takes_over(monkeypatch):
    monkeypatch.setenv("SIBIAO_REQUIRE_PICO", "1")
    monkeypatch.setattr(nodes, "find_pico_image", no_image)
    with pytest.raises(SibiaoError, match="no Pico image"):
        nodes.open_best(load("sample"), lambda line: None)


@pytest.mark.parametrize("order, code", [(lambda node: None, 0), (lose_a_pulse, 1)])
def test_the_exit_code_is_the_verdict(scene, monkeypatch, order, code):
    node = FakeNode(scene)
    order(node)
    monkeypatch.setitem(demo._OPENERS, "best", lambda loaded, say: (node, "a fake node"))
    result = CliRunner().invoke(demo.command, ["--seconds", "15"])
    assert result.exit_code == code, result.output
    assert ("✓ PASS" if code == 0 else "✗ FAIL") in result.output


def test_an_unknown_community_is_one_clear_error():
    with pytest.raises(SibiaoError, match="no community named 'nowhere'"):
        CliRunner().invoke(demo.command, ["nowhere"], catch_exceptions=False)
