"""Modules with a fault in their firmware: the bench fails each at the step that is meant for it,
and nowhere else; and none without a fault."""

import pytest
from sibiao.config.load import load
from sibiao.lab.play import Plan, play
from sibiao.lab.plugin import Heard
from sibiao.lab.simulated import in_virtual_time
from sibiao.node.pico.fork import run_forked

from tests.changed_firmware import changed_sources

pytestmark = pytest.mark.vm

_TOTAL, _TOTALS = "converter/model/total.py", "converter/store/totals.py"
_SERVE, _FREEZER = "converter/uplink/serve.py", "converter/app/freezer.py"
_SEED = 20261125

_LOSES = """
        self.forward += forward
        self.seen = getattr(self, "seen", 0) + forward
        if self.seen >= 1000:
            self.seen -= 1000
            self.forward -= 1
"""
_LOADED = "        self._committed = total.forward + total.reverse\n        return None\n"
_FORGETS = "        total.forward = total.reverse = self._committed = 0\n        return None\n"
_KEPT = "return moment, self._kept.get(i, own, kind, number, moment)"

# What is changed, and the step that must see it.
FAULTY = {
    "no fault": ((), None),
    "loses one pulse in a thousand": (
        ((_TOTAL, "\n        self.forward += forward\n", _LOSES),),
        "test_pulse_accuracy",
    ),
    "answers after 530 ms": (
        (
            (_SERVE, "_ANSWER_AFTER_MS = const(22)", "_ANSWER_AFTER_MS = const(530)"),
            (_SERVE, "_ANSWER_BEFORE_MS = const(490)", "_ANSWER_BEFORE_MS = const(990)"),
        ),
        "test_answers",
    ),
    "answers after 10 ms": (
        ((_SERVE, "_ANSWER_AFTER_MS = const(22)", "_ANSWER_AFTER_MS = const(10)"),),
        "test_answers",
    ),
    "forgets after a power cut": (((_TOTALS, _LOADED, _FORGETS),), "test_totals_are_kept"),
    "invents a freeze": (
        ((_FREEZER, _KEPT, _KEPT + " or self._entry(i, moment)"),),
        "test_freezes",
    ),
}


def _judged(sources):
    """{step: what was said} of those that did not pass, and how many there were."""
    steps = []
    stand = in_virtual_time(load("sample"), sources)
    try:
        broken, _ = play(stand, Plan(_SEED, quick=True), Heard(ended=steps.append))
    finally:
        stand.close()
    assert not broken
    return {step.name: step.said for step in steps if step.outcome != "passed"}, len(steps)


@pytest.mark.parametrize("fault", FAULTY)
def test_failed_where_it_must_be(fault):
    changes, step = FAULTY[fault]
    said, count = run_forked(_judged, changed_sources(*changes))
    assert list(said) == ([step] if step else []), said
    assert count >= 16
