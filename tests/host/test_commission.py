"""What commissioning makes of a draw: each fault by its name, and what the ledger then says."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sibiao.commission import draw as drawing
from sibiao.commission.draw import Progress, draw, fresh
from sibiao.commission.judge import Draw, judge, place_of
from sibiao.commission.seen import Seen
from sibiao.commission.signed import signed, told
from sibiao.ledger.file import Ledger
from sibiao.reader.exchange import NoAnswer

WEIGHT = Fraction(1, 100)  # 10 L a pulse
ROLL = Fraction(100_000)
AT = datetime(2026, 11, 25, 12).astimezone()


def pulse(value, forward=0, reverse=0):
    net = None if forward < reverse else Fraction(forward - reverse)
    value = None if value is None else Decimal(value)
    return Seen(AT, "volume", value, "m3", net=net, forward=Fraction(forward),
                reverse=Fraction(reverse))  # fmt: skip


def bus(value, unit="m3", value_time="", status=0, error=""):
    return Seen(AT, "volume", None if value is None else Decimal(value), unit, value_time, error,
                status)  # fmt: skip


def of(dials, before, after, weight=WEIGHT, roll=ROLL, **more):
    place = max(map(place_of, dials))
    dials = tuple(map(Decimal, dials))
    return judge(Draw(dials, (before, after), place, roll, **more), weight)


def cause(*arguments, **more):
    return of(*arguments, **more).cause


@pytest.mark.parametrize(
    "dials, register, counted",
    [
        (("10.00", "10.05"), "10.05", 5),
        (("10.00", "10.05"), "10.06", 6),  # its contact closes elsewhere in the turn
        (("10.003", "10.052"), "10.05", 5),
        (("99999.97", "0.02"), "0.02", 5),
        (("10.0", "10.4"), "10.32", 32),  # read to 0.1 m3: ten pulses either way
    ],
)
def test_what_counts_is_good(dials, register, counted):
    judged = of(dials, pulse(dials[0]), pulse(register, counted))
    assert (judged.cause, judged.verdict, judged.counted) == ("", "good", counted)
    assert abs(judged.drift) <= 10


@pytest.mark.parametrize(
    "dials, after, more, named",
    [
        (("10.00", "10.05"), pulse("10.00"), {}, "no pulses"),
        (("10.00", "10.00"), pulse("10.00"), {}, "nothing drawn"),
        (("10.00", "10.05"), pulse("9.95", 0, 5), {}, "reversed"),
        (("10.00", "9.95"), pulse("9.95", 0, 5), {}, "dial ran back"),
        (("10.00", "10.00"), pulse("10.05", 5), {}, "not this meter"),
        (("10.00", "10.50"), pulse("10.05", 5), {}, "wrong weight"),
        (("10.00", "10.05"), pulse("10.50", 50), {}, "wrong weight"),
        (("10.00", "10.25"), pulse("10.10", 10), {}, "wrong weight"),
        # The count rose as often as the contact closed, and twice each time.
        (("10.00", "10.10"), pulse("10.20", 20), {"rises": 10, "bursts": 9}, "bounce"),
        (("10.00", "10.10"), pulse("10.20", 20), {"rises": 19, "bursts": 1}, "wrong weight"),
        (("10.00", "10.10"), pulse("10.13", 13), {"rises": 10, "bursts": 3}, "bounce"),
        (("10.00", "10.20"), pulse("10.17", 17), {}, "missed"),
        (("10.00", "10.02"), pulse("10.01", 1), {}, "nothing proved"),
        (("12.00", "12.05"), pulse("10.05", 5), {}, "wrong base"),
        (("10.00", "10.05"), pulse(None, 5), {}, "no value"),
    ],
)
def test_faults_of_a_pulse_point(dials, after, more, named):
    judged = of(dials, pulse("10.00"), after, **more)
    assert judged.cause == named and judged.verdict == "failed"
    assert judged.said and judged.todo


def test_a_wrong_weight_names_the_right_one():
    judged = of(("10.00", "10.50"), pulse("10.00"), pulse("10.05", 5))
    assert "worth 100 L, and the profile says 10 L" in judged.todo
    assert "closes twice" in of(("10.00", "10.20"), pulse("10.00"), pulse("10.40", 40)).todo


@pytest.mark.parametrize(
    "dials, registers, more, named",
    [
        (("20.10", "20.15"), ("20.10", "20.15"), {}, ""),
        (("20.101", "20.159"), ("20.10", "20.15"), {}, ""),
        (("20.10", "20.10"), ("20.10", "20.10"), {}, "nothing drawn"),
        (("20.10", "20.90"), ("20.10", "20.10"), {}, "stands still"),
        (("20.10", "20.90"), ("201.0", "209.0"), {}, "wrong unit"),
        (("20.10", "20.90"), ("77.10", "77.10"), {}, "stands still"),
        (("20.10", "20.90"), ("77.10", "77.90"), {}, "not this meter"),
    ],
)
def test_faults_of_a_meter_on_a_bus(dials, registers, more, named):
    assert cause(dials, *map(bus, registers), weight=None, roll=None, **more) == named


def test_a_silent_meter_is_told_by_its_status():
    judged = of(("1", "2"), bus("1"), bus(None, status=1, error="unknown"), weight=None, roll=None)
    assert judged.cause == "no value" and "unknown, silent" in judged.said
    assert "address on its plate" in judged.todo
    lost = Seen(AT, "volume", None, "m3", error="unknown", status=32)
    judged = of(("10.00", "10.05"), lost, lost)
    assert "unknown, lost" in judged.said and "sibiao restore" in judged.todo


class Counting:
    """A source that says one after another; an exception is raised, the last stays."""

    name = "uplink"

    def __init__(self, *seen):
        self._seen = list(seen)

    def read(self):
        said = self._seen.pop(0) if len(self._seen) > 1 else self._seen[0]
        if isinstance(said, Exception):
            raise said
        return said


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(drawing, "LOOK_S", 0.001)
    monkeypatch.setattr(drawing, "_QUIET_S", 0.01)


def test_drawing_counts_and_bears_a_lost_answer(quick):
    looks = [pulse("1.02", 2), NoAnswer("1", "no answer"), pulse("1.03", 3), pulse("1.05", 5)]
    seen = []
    progress = Progress(pulse("1.00"), 5, 10, pulse("1.00"))
    draw(Counting(*looks), progress, lambda now: seen.append((now.count, now.silent)))
    assert seen[:4] == [(2, 0), (2, 1), (3, 0), (5, 0)]
    assert (progress.rises, progress.bursts, progress.is_done) == (3, 2, True)


def test_drawing_ends_in_time_and_sees_a_reversed_pair(quick):
    progress = Progress(pulse("1.00"), 5, 0.05, pulse("1.00"))
    draw(Counting(pulse("1.00")), progress, lambda now: None)
    assert not progress.is_done and progress.elapsed_s >= 0.05
    progress = Progress(pulse("1.00"), 3, 5, pulse("1.00"))
    draw(Counting(pulse("0.97", 0, 3)), progress, lambda now: None)
    assert progress.is_done


def test_a_bus_value_is_awaited_until_it_is_polled_anew(quick):
    old, new = bus("1", value_time="2026-11-25T12:00:00"), bus("2", value_time="2026-11-25T12:01")
    assert fresh(Counting(old, NoAnswer("1", ""), new), old, 10, lambda left: None) is new
    # Without a clock there is nothing to tell by but the time between two polls.
    assert fresh(Counting(bus("1")), bus("1"), 0.02, lambda left: None) == bus("1")


def test_what_is_signed_holds_until_the_meter_is_another(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")

    def sign(counted, kind="commission", serial="S1", **more):
        dials = Decimal("10.00"), Decimal("10.05")
        turn = Draw(dials, (pulse("10.00"), pulse("10.05", counted)), WEIGHT)
        said = more or told(turn, judge(turn, WEIGHT), "uplink", WEIGHT)
        ledger.append(kind, serial, "li", {"points": {"a": said, "b": {"address": "1"}}})
        return {name: row.n for name, row in signed(ledger.rows(), "S1").items()}

    assert sign(0) == {}
    assert sign(5) == {"a": 2}
    assert sign(5, serial="S2") == {"a": 2}
    assert sign(0) == {}  # proved anew, and no longer good
    assert sign(5) == {"a": 5}
    assert sign(0, kind="exchange", old_dial="1") == {}
    assert sign(5) == {"a": 7}
    assert sign(0, kind="restore", source="as read now") == {}
    (row,) = [row for row in ledger.rows() if row.n == 7]
    said = row.data["points"]["a"]
    assert (said["verdict"], said["counted"], said["drift_pulses"], said["dial"]) == (
        "good", "5", "+0", "10.05")  # fmt: skip
