"""Causes of a drift, from the contact to the verdict: the firmware in virtual time, a person who
reads dials, and `sibiao reconcile` on their two files. `tests.soak.reconcile` has many more.
"""

from fractions import Fraction

import pytest

from tests.node.dial_rounds import walk
from tests.node.dial_scenes import Scene, bouncing, often
from tests.soak.reconcile import judged

pytestmark = pytest.mark.vm


def causes(folder, scenes, days, seed=1):
    rounds = walk(seed, folder, days, scenes)
    return [(truth, cause) for truth, cause, *_ in judged(rounds)]


def test_faults_of_contact_and_configuration(tmp_path):
    scenes = [
        Scene("none", "", day=often("disturbances", 0.7)),
        Scene("bounce", "", filter_ms=0.15, day=bouncing(True, 200, 1000)),
        Scene("wrong weight", "", weight=Fraction(1, 40)),
        Scene("missed", "", filter_ms=90, rate_hz=(4.4, 4.4)),
    ]
    found = causes(tmp_path, scenes, days=10)
    assert found == [(scene.cause, scene.cause) for scene in scenes]


def test_power_cuts_while_water_runs(tmp_path):
    scenes = [
        Scene("gap", "", cuts=True),
        Scene("gap", "", cuts=True),
        Scene("gap", "", cuts=True, base=50),
        Scene("gap", "", cuts=True),
    ]
    assert causes(tmp_path, scenes, days=8, seed=5) == [("gap", "gap")] * 4


def test_water_that_runs_back_over_night(tmp_path):
    scenes = [
        Scene("backflow", "", back=lambda rng: rng.randint(2, 6)),
        Scene("wrong base", "", base=-87),
        Scene("unclear", "", day=often("swing_at_edge", 0.4)),
        Scene("none", ""),
    ]
    found = causes(tmp_path, scenes, days=10, seed=2)
    assert found == [(scene.cause, scene.cause) for scene in scenes]
