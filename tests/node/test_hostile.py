"""A strict and hostile electricity meter at the whole node in virtual time, and proof that a node
with a fault in its uplink would be seen. The whole plan is part of `make soak`."""

import pytest
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import firmware_sources
from sibiao.sim.hostile.forms import FORMS
from sibiao.sim.hostile.items import (
    longer_of_community,
    of_community,
    with_a_clock_of_community,
)
from sibiao.sim.hostile.result import Plan
from sibiao.sim.hostile.run import measured

from tests.node.asking import CONVERTER, UPLINK
from tests.node.test_million_pulses import spoilt
from tests.soak.hostile import ERRORS, S, at_rest, quiet_node, while_saving

pytestmark = pytest.mark.takes(70)

PORT = "converter/hal/uart_port.py"
SERVE = "converter/uplink/serve.py"
FRAMER = "converter/link/framer.py"
STATION = "converter/station/dlt645.py"
SOURCES = "converter/station/sources.py"


@pytest.mark.vm
def test_every_form_is_answered_at_once_or_not_at_all():
    result = at_rest(Plan(250))
    assert result.conforms, result.as_json()
    assert result.reads.at_try == {1: 250}
    assert result.silences == result.kept > 120
    assert {name for name, form in FORMS.items() if form.answered} == set(result.forms)
    assert result.longest_ns < 40_000_000


@pytest.mark.vm
def test_bit_errors_are_repeated_away():
    result = at_rest(Plan(250), errors=ERRORS)
    assert result.conforms and result.reads.failed == result.reads.wrong == 0
    assert result.bits_turned > 15 and result.reads.at_try[2] > 3


@pytest.mark.vm
def test_while_records_are_saved():
    result, board = while_saving(150)
    assert result.conforms and result.reads.failed == 0, result.as_json()
    assert board["erases"] > 5 and board["commits"] > 100


@pytest.mark.vm
def test_hostile_forms_while_records_are_saved():
    result, _ = while_saving(150, forms=tuple(FORMS))
    assert result.conforms and result.reads.failed == 0, result.as_json()


@pytest.mark.parametrize(
    ("form", "path", "change"),
    [
        ("gaps", PORT, ("_PAUSE_MS + self.byte_us // 1000 + 2 * _STEP_MS", "_PAUSE_MS")),
        ("unfinished", PORT, ("frame = framer.next_frame(True)", "pass")),
    ],
)
@pytest.mark.vm
def test_fault_of_one_form_is_seen(form, path, change):
    plan = Plan(30, tries=1)
    assert at_rest(plan, forms=["plain", form]).reads.right == 30
    result = at_rest(plan, forms=["plain", form], sources=spoilt(path, change))
    assert result.forms["plain"].failed == 0 < result.forms[form].failed


@pytest.mark.vm
def test_answer_to_a_frame_within_a_frame_is_seen():
    change = ("                if not idle:\n                    break\n", "")
    result = at_rest(Plan(20), forms=["plain", "nested"], sources=spoilt(FRAMER, change))
    assert result.faults["an answer to nested"] > 3 and result.verdict == "breach"


@pytest.mark.vm
def test_answers_too_early_or_too_late_are_seen():
    at = "_ANSWER_AFTER_MS = const(22)"
    early = spoilt(SERVE, (at, at.replace("22", "12")))
    # No register can be learned from answers that are never in time.
    with pytest.raises(SibiaoError, match="too early"):
        at_rest(Plan(5), forms=["plain"], sources=early)
    late = spoilt(SERVE, (at, at.replace("22", "520")))
    with pytest.raises(SibiaoError, match=r"too late|no answer"):
        at_rest(Plan(5), forms=["plain"], sources=late)


@pytest.mark.vm
def test_answer_to_a_broadcast_is_seen():
    everyone = ("        return EVERYONE\n", "        return self._bound\n")
    result = at_rest(Plan(20), forms=["plain", "broadcast"], sources=spoilt(STATION, everyone))
    assert result.faults["an answer to broadcast"] > 2


@pytest.mark.vm
def test_node_in_virtual_time_starts_again_and_tells_why():
    sources = firmware_sources()
    sources["converter/app/node.py"] += "\nraise ValueError('spoilt')\n"
    with quiet_node(load("sample"), sources=sources) as node:
        node.run(60 * S)
        assert node.starts == ["power"] + ["reset"] * 12
        assert node.console_read().count(b"ValueError: spoilt") == 13


def test_items_of_a_community_stand_still():
    names = {item.name for item in of_community(load("sample"))}
    assert {"000000000301 00010000", "000000000001 E0010100", "000000000001 04000403"} <= names


@pytest.mark.vm
def test_blocks_and_what_follows_them():
    items = longer_of_community(load("sample"))
    assert [4 + item.size for item in items] == [84, 198, 80]
    assert [(item.follow, item.more) for item in items] == [(0, False), (0, True), (1, False)]
    result = at_rest(Plan(90), items)
    assert result.conforms and result.reads.at_try == {1: 90}, result.as_json()
    assert min(tally.right for tally in result.items.values()) > 20
    # Bit errors make answers of requests that were to be met with silence; they are heard out.
    result = at_rest(Plan(90), items, errors=ERRORS)
    assert result.conforms and not result.reads.wrong, result.as_json()


@pytest.mark.vm
def test_a_settled_index_and_value_times():
    items = with_a_clock_of_community(load("sample"))
    assert [item.di for item in items] == ["00010001", "E0010101"]
    result = at_rest(Plan(60), items)
    assert result.conforms and result.reads.at_try == {1: 60}, result.as_json()
    # A time that stands still is no true one for long, and neither is one that runs ahead.
    at = "return _put_time(service.time_s - ago_s, _DATE_TIME, out, at)"
    for wrong in ("2 * ago_s + service.now_s * 2", "ago_s - service.now_s % 97 * 99"):
        sources = spoilt(SOURCES, (at, at.replace("ago_s", f"({wrong})")))
        try:
            result = at_rest(Plan(20), items[1:], sources=sources)
        except SibiaoError:
            continue  # not learned
        assert result.reads.wrong > 0


@pytest.mark.lab
@pytest.mark.pico
def test_hostile_forms_at_the_emulated_pico(pico_at_work):
    from sibiao.node.pico.fork import run_forked

    def body(node):
        def run_until(done):
            assert node.run_until(done, 600 * S)

        items = [item for item in of_community(load("sample")) if item.address == CONVERTER]
        return measured(run_until, node.clock, node.line(UPLINK), items, Plan(12)).as_json()

    said = run_forked(body, pico_at_work)
    assert said["right_at_try"] == {"1": 12} and said["unexpected"] == 0, said
    assert said["silences_kept"] == said["silences_asked"] >= 3
    assert said["turnaround_ms"][0] >= 20 and said["turnaround_ms"][1] < 100, said
