"""The hostile meter against a perfect station and against faulty ones: each fault in its count."""

import json

import pytest
from sibiao.errors import SibiaoError
from sibiao.sim.hostile.forms import FORMS
from sibiao.sim.hostile.meter import HostileMeter
from sibiao.sim.hostile.result import Plan
from sibiao.sim.hostile.run import measured
from sibiao.sim.hostile.truth import Learned
from sibiao.sim.uplink.dlt645_reading import ReadItem

from tests.host.stations import ADDRESS, DI, FakeStation
from tests.host.virtual_clock import VirtualClock, null_modem

HOUR = 3_600_000_000_000
ITEM = ReadItem("index", ADDRESS, DI, 8, 2, "m3")
SILENT = [name for name, form in FORMS.items() if not form.answered]


def true(item, field):
    return field == bytes.fromhex("56341200")


def measure(reads, allowed=0, forms=tuple(FORMS), seed=1, errors=0.0, truth=true, **faults):
    clock = VirtualClock()
    near, far = null_modem(clock)
    FakeStation(clock, near, **faults)
    meter = HostileMeter(
        clock, far, [ITEM], truth, Plan(reads, allowed), seed=seed, forms=forms, errors=errors
    )
    meter.start()
    assert clock.run_until(lambda: meter.finished, 100 * HOUR)
    return meter.result


def test_perfect_station_passes_the_whole_plan():
    result = measure(2995)
    assert result.verdict == "proved", result.as_json()
    assert (result.reads.right, result.reads.at_try) == (2995, {1: 2995})
    assert result.silences == result.kept > 1500
    assert result.shortest_ns >= 29_000_000 and result.longest_ns < 31_000_000
    assert result.bound >= 0.999
    said = json.loads(json.dumps(result.as_json()))
    assert said["verdict"] == "proved" and said["wrong_values"] == 0
    assert set(said["forms"]) == set(FORMS) - set(SILENT)


def test_one_read_less_proves_nothing():
    result = measure(2994, forms=["plain"])
    assert result.reads.failed == 0 and result.verdict == "not proved"


def test_late_answers_are_counted_and_never_right():
    result = measure(20, forms=["plain"], delay_ms=530)
    assert (result.late, result.early, result.reads.right) == (60, 0, 0)
    assert result.verdict == "breach" and result.longest_ns > 529_000_000


def test_early_answers_are_counted_and_never_right():
    result = measure(20, forms=["plain"], delay_ms=10)
    assert (result.early, result.late, result.reads.right) == (60, 0, 0)
    assert result.verdict == "breach"


@pytest.mark.parametrize("delay_ms", [20, 500])
def test_limits_of_the_standard_are_inside(delay_ms):
    result = measure(20, forms=["plain"], delay_ms=delay_ms)
    assert result.reads.right == 20 and not result.early + result.late


def test_wrong_value_once_in_a_thousand_is_counted_apart():
    result = measure(4742, allowed=1, forms=["plain"], wrong_every=1000)
    assert (result.reads.wrong, result.reads.failed) == (4, 4)
    assert result.verdict == "breach" and not result.proved
    once = measure(4742, allowed=1, forms=["plain"], wrong_every=3000)
    assert (once.reads.wrong, once.proved, once.conforms) == (1, True, False)


def test_missing_answers_are_asked_again():
    result = measure(300, forms=["plain"], mute_every=5)
    assert result.reads.right == 300
    assert result.faults == {"no answer": result.reads.at_try[2]} and result.reads.at_try[2] > 50


@pytest.mark.parametrize(
    ("form", "fault"),
    [("broadcast", "everybody"), ("foreign", "anybody"), ("nested", "inside")],
)
def test_answers_where_none_may_be(form, fault):
    result = measure(60, forms=["plain", form], **{fault: True})
    assert result.reads.right == 60
    assert result.unexpected > 10 and result.verdict == "breach"
    assert result.faults[f"an answer to {form}"] == result.silences - result.kept > 10
    sound = measure(60, forms=["plain", form])
    assert sound.unexpected == 0 and sound.kept == sound.silences > 10


def test_bytes_after_an_answer_are_unexpected():
    result = measure(20, forms=["plain"], tail=b"\x00")
    assert result.unexpected == 20 and result.reads.right == 20


def test_station_that_bears_no_rest_fails_at_the_gaps_alone():
    result = measure(200, forms=["plain", "gaps"], deaf_gap_ms=300)
    assert result.forms["plain"].failed == 0 < result.forms["gaps"].failed


def test_more_than_four_bytes_before_the_answer_are_refused():
    assert measure(5, forms=["plain"], preamble=b"\xfe" * 5).reads.right == 0
    assert measure(5, forms=["plain"], preamble=b"\x00").reads.right == 0
    assert measure(5, forms=["plain"], preamble=b"").reads.right == 5


def test_bit_errors_are_at_their_rate_and_are_repeated_away():
    result = measure(2000, forms=["plain"], errors=1e-3)
    # About 20 + 24 bytes of 8 bits a request, answers to damaged ones are missing.
    assert 0.7 < result.bits_turned / (result.requests * 352e-3) < 1.05
    assert result.requests > 2400 and result.reads.at_try[2] > 300
    assert result.reads.right > 1900 and result.conforms


def test_same_seed_same_course():
    assert measure(50, errors=1e-3).as_json() == measure(50, errors=1e-3).as_json()
    assert measure(50, seed=2).as_json() != measure(50, seed=1).as_json()


def test_learned_truth_may_grow_and_never_shrinks():
    known = Learned(growing=2)
    assert known(ITEM, bytes.fromhex("56341200"))
    known.learning = False
    assert known(ITEM, bytes.fromhex("58341200"))
    assert not known(ITEM, bytes.fromhex("57341200"))
    assert not known(ITEM, bytes.fromhex("61341200"))
    assert not known(ReadItem("other", ADDRESS, DI, 8, 2, "m3"), bytes(4))


@pytest.mark.parametrize("interrupted_at", [3, 40])
def test_ctrl_c_ends_with_what_was_measured_so_far(interrupted_at):
    clock = VirtualClock()
    near, far = null_modem(clock)
    station = FakeStation(clock, near)

    def run_until(done):
        def interrupted():
            if station.answers >= interrupted_at:
                raise KeyboardInterrupt
            return done()

        clock.run_until(interrupted, HOUR)

    result = measured(run_until, clock, far, [ITEM], Plan(1000), forms=["plain"])
    assert result.verdict == "unfinished"
    assert result.reads.asked == result.reads.right == max(0, interrupted_at - 4)


def test_register_that_changes_is_not_learned():
    clock = VirtualClock()
    near, far = null_modem(clock)
    FakeStation(clock, near, wrong_every=3)
    with pytest.raises(SibiaoError, match=f"{ITEM.name} was not read twice alike"):
        measured(lambda done: clock.run_until(done, HOUR), clock, far, [ITEM], Plan(5))
