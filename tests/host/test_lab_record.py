"""A value, its limits, and the verdict on a run."""

from datetime import datetime

import pytest
from sibiao.lab.record import Measured, ModuleFacts, Run, Software, Step

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("value", "low", "high", "passed", "limits"),
    [
        (20, 20, 500, True, "20 to 500 ms"),
        (500.0, 20, 500, True, "20 to 500 ms"),
        (19.999, 20, 500, False, "20 to 500 ms"),
        (500.001, 20, 500, False, "20 to 500 ms"),
        (1e9, 20, None, True, "at least 20 ms"),
        (19, 20, None, False, "at least 20 ms"),
        (-5, None, 0, True, "at most 0 ms"),
        (1, None, 0, False, "at most 0 ms"),
        (0, 0, 0, True, "exactly 0 ms"),
        (-1, 0, 0, False, "exactly 0 ms"),
        (0.1, -2 / 3, None, True, "at least -0.666667 ms"),
        (7, None, None, True, ""),
        (None, 20, 500, False, "20 to 500 ms"),
        (None, None, None, False, ""),
        (NAN, None, None, False, ""),
        (INF, 20, None, False, "at least 20 ms"),
    ],
)
def test_limits(value, low, high, passed, limits):
    measured = Measured("delay", value, "ms", low, high)
    assert (measured.passed, measured.limits) == (passed, limits)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "ms", "not measured"),
        (23.8610041, "ms", "23.861 ms"),
        (12, "", "12"),
        (1234567, "pulses", "1234567 pulses"),
    ],
)
def test_a_value_as_people_read_it(value, unit, shown):
    assert Measured("x", value, unit).shown == shown


@pytest.mark.parametrize(
    ("outcomes", "planned", "broken", "verdict"),
    [
        ("passed passed", 2, "", "passed"),
        ("passed skipped", 2, "", "passed"),
        ("skipped skipped", 2, "", "unfinished"),
        ("", 0, "", "unfinished"),
        ("passed failed", 2, "", "failed"),
        ("passed error", 2, "", "unfinished"),
        ("failed error", 2, "", "failed"),
        ("passed", 2, "", "unfinished"),
        ("passed passed", 2, "broken off", "unfinished"),
        ("failed", 2, "broken off", "failed"),
    ],
)
def test_verdict(outcomes, planned, broken, verdict):
    steps = [Step("4.10", "channel", outcome, 1.0) for outcome in outcomes.split()]
    run = Run("", "", 1, datetime.now(), ModuleFacts(), Software({}), steps)
    run.planned, run.broken = planned, broken
    assert run.verdict == verdict
