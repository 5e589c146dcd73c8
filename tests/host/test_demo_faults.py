"""Faults in the demonstration: the table judges what a fake converter makes of each story."""

import io
import json
from dataclasses import replace
from itertools import pairwise

import pytest
from click.testing import CliRunner
from converter.model import alarms
from rich.console import Console
from sibiao.commands import demo
from sibiao.config.load import load
from sibiao.demo.dial_course import dial_course
from sibiao.demo.fault_plan import faulty_water, playable
from sibiao.demo.faulty_water import says
from sibiao.demo.picture import Picture
from sibiao.demo.run import DemoRun
from sibiao.demo.scene import register_of_water, scene_of
from sibiao.demo.verdict import as_json, judge
from sibiao.errors import SibiaoError
from sibiao.sim.pulse.fault_table import outcome
from sibiao.sim.pulse.faults import FAULTS, story
from sibiao.sim.pulse.wiring import QUADRATURE, SINGLE, Wiring
from sibiao.sim.quantity import Quantity

from tests.host.fake_node import FakeNode

MS = 1_000_000
SAMPLE = load("sample")
LEAST_S = {fault.name: fault.least_s for fault in playable(SAMPLE)}
SHORT = [name for name, least_s in LEAST_S.items() if least_s < 100]


class AlarmingNode(FakeNode):
    """With a register of alarms."""

    def __init__(self, scene):
        super().__init__(scene)
        item = register_of_water(SAMPLE, "alarms")
        self._registers[item.address, item.di] = (item, "alarms")
        self.alarms(0)

    def alarms(self, bits):
        self._values["alarms"] = Quantity(bits, 0, "")


def play(fault, seconds=0, after_ready=lambda node: None):
    scene = scene_of(SAMPLE)
    node = AlarmingNode(scene)
    seconds = seconds or max(20, LEAST_S[fault])
    make_water, _ = faulty_water(SAMPLE, fault, seconds)
    run = DemoRun(node, scene, seconds, make_water)
    while run.step(50 * MS):
        if run.ready_ns is not None:
            after_ready(node)
    return run, judge(run)


@pytest.mark.parametrize("fault", SHORT)
def test_a_sound_converter_does_what_the_table_asks(fault):
    run, verdict = play(fault)
    must = outcome(fault, Wiring(SINGLE))
    assert verdict.passed, verdict
    assert run.water.emitted >= 8
    assert verdict.line.startswith(f"{fault}: ")
    if must.extra or must.missing:
        assert " cannot be avoided: " in verdict.line
    else:
        assert run.counted == run.water.emitted and "equals the dial" in verdict.line


def test_the_longest_story_that_fits_is_told():
    assert play("emi_burst", 15)[0].water.emitted < play("emi_burst", 20)[0].water.emitted
    assert play("emi_burst", 60)[0].water.emitted == 40


def test_json_line_says_what_was_required_and_found():
    run, verdict = play("swing_at_edge")
    line = json.loads(as_json(run, verdict))
    assert list(line) == ["node", "reads", "pulses", "points", "fault", "verdict"]
    fault = line["fault"]
    assert fault["name"] == "swing_at_edge" and fault["required"] == "not distinguishable"
    off = line["pulses"]["counted"] - line["pulses"]["emitted"]
    assert 0 < off <= fault["extra_allowed"] and fault["missing_allowed"] == 0
    assert fault["events"] == [] and fault["event_required"] is None
    assert fault["says"] == verdict.line


def count_too_many(node):
    node.shift["pulses"] = 3


def run_ahead(node):
    node.shift["water-301 index"] = 2


def tell_of_a_magnet(node):
    node.alarms(1 << alarms.MAGNET)


@pytest.mark.parametrize(
    "order, reason, line",
    [
        (count_too_many, "exact, up to 0 missing and 0 extra", "3 pulses too many, none is allow"),
        (run_ahead, "values were never on the meter's dial", "the register equals the dial"),
        (tell_of_a_magnet, "event MAGNET", "; alarm MAGNET"),
    ],
)
def test_what_the_table_forbids_fails_and_is_named(order, reason, line):
    _, verdict = play("disturbances", after_ready=order)
    assert any(reason in r for r in verdict.reasons), verdict
    assert line in verdict.line


def test_more_than_the_bound_fails():
    def far_too_many(node):
        node.shift["pulses"] = 40

    _, verdict = play("swing_at_edge", after_ready=far_too_many)
    assert any("not distinguishable, up to 0 missing" in r for r in verdict.reasons)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_dial_follows_the_wheel(fault):
    told = story(fault, Wiring(SINGLE), pulses=24, rate_hz=4, seed=3)
    course = dial_course(told, 24, 4)
    assert course[0] == (0, 0) and course[-1][1] == told.dial == 24
    assert all(abs(b - a) == 1 for (_, a), (_, b) in pairwise(course))
    if fault == "clean":
        closings = [at for at, level in told.wires["a"] if level == 0]
        assert [at for at, _ in course[1:]] == closings


def test_a_course_of_another_story_is_refused():
    with pytest.raises(ValueError, match="was not told with 16 pulses"):
        dial_course(story("clean", Wiring(SINGLE), pulses=24), 16, 4)


@pytest.mark.parametrize(
    "fault, wiring, off, events, line",
    [
        ("clean", Wiring(SINGLE), 0, (), "the register equals the dial, as it must"),
        ("clean", Wiring(SINGLE), -1, (), "1 pulse missing, one is allowed"),
        ("clean", Wiring(SINGLE), -2, (), "2 pulses missing, none is allowed"),
        ("backflow", Wiring(QUADRATURE), 0, ["BACKFLOW"], "as it must; alarm BACKFLOW"),
        ("backflow", Wiring(QUADRATURE), 0, (), "; no alarm BACKFLOW, which is required"),
        (
            "stuck_closed",
            Wiring(SINGLE),
            -2,
            (),
            "missing cannot be avoided: a contact that stays closed",
        ),
    ],
)
def test_one_line_for_people(fault, wiring, off, events, line):
    told = story(fault, wiring)
    said = says(told, outcome(fault, wiring), told.dial + off, events)
    assert said.startswith(f"{fault}: ") and line in said


def test_the_picture_names_the_fault_and_the_verdict_has_its_line():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=30)
    run, verdict = play("swing_at_edge")
    lines = console.render_lines(Picture(console, run, "a fake node").last(verdict))
    text = " ".join("".join(s.text for s in line) for line in lines)
    assert "fault swing_at_edge" in text and "too many" in text and "✓ PASS" in text
    assert len(lines) <= 29


def wired_otherwise(**changed):
    """The sample with another water meter, input or point."""
    water, *others = SAMPLE.community.points
    meter = SAMPLE.meters[water.meter].model_copy(update=changed.get("meter", {}))
    pin = SAMPLE.board.pulse_inputs["pulse1"].model_copy(update=changed.get("pin", {}))
    point = water.model_copy(update=changed.get("point", {}))
    inputs = {"pulse1": pin, "pulse2": pin}
    return replace(
        SAMPLE,
        meters={**SAMPLE.meters, water.meter: meter},
        board=SAMPLE.board.model_copy(update={"pulse_inputs": inputs}),
        community=SAMPLE.community.model_copy(update={"points": [point, *others]}),
    )


@pytest.mark.parametrize(
    "loaded, fault, seconds, says",
    [
        (SAMPLE, "swing_at_edg", 30, "did you mean 'swing_at_edge'"),
        (SAMPLE, "nothing like it", 30, "no fault named .* --list-faults shows all"),
        (SAMPLE, "first_after_pause", 30, r"does not fit into 30 s: run it with --seconds \d{3}"),
        (
            wired_otherwise(
                meter={"contacts": QUADRATURE}, point={"wired_to": ["pulse1", "pulse2"]}
            ),
            "clean",
            30,
            "'water-301': .* a single dry contact, and this one is wired 'quadrature'",
        ),
        (wired_otherwise(pin={"source": "namur"}), "clean", 30, "wired 'namur'"),
        (wired_otherwise(point={"cable": "pulse2"}), "clean", 30, "without cable loop"),
        (wired_otherwise(meter={"min_idle_ms": 15.0}), "mains_pickup", 30, "no 20 ms idle"),
    ],
)
def test_what_cannot_be_played_is_refused_in_one_sentence(loaded, fault, seconds, says):
    with pytest.raises(SibiaoError, match=says):
        faulty_water(loaded, fault, seconds)


def test_a_contact_that_opens_for_a_pulse_is_played_so():
    loaded = wired_otherwise(pin={"active": "high"})
    make_water, _ = faulty_water(loaded, "clean", 20)
    node = FakeNode(scene_of(loaded))
    make_water(node, scene_of(loaded))
    assert node.get_pin(15) == 0


def test_the_command_plays_a_fault_and_lists_them(monkeypatch):
    node = AlarmingNode(scene_of(SAMPLE))
    monkeypatch.setitem(demo._OPENERS, "best", lambda loaded, say: (node, "a fake node"))
    played = CliRunner().invoke(demo.command, ["--fault", "emi_burst", "--seconds", "15"])
    assert played.exit_code == 0, played.output
    assert "Fault emi_burst: bursts of 75 spikes" in played.output
    assert "emi_burst: the register equals the dial, as it must" in played.output
    listed = CliRunner().invoke(demo.command, ["--list-faults"])
    assert listed.exit_code == 0
    assert all(fault in listed.output for fault in FAULTS)
