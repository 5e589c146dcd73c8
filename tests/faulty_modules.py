"""Modules with a fault in their firmware, and the steps of the bench that must see them."""

from dataclasses import dataclass

from sibiao.config.load import load
from sibiao.lab.play import Plan, play
from sibiao.lab.plugin import Heard
from sibiao.lab.stands.simulated import in_virtual_time

from tests.changed_firmware import changed_sources

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


@dataclass(frozen=True)
class Fault:
    """`changes`: (path, old text, new text); the step that must see it, and its clause."""

    changes: tuple[tuple[str, str, str], ...]
    step: str
    clause: str


FAULTY = {
    "loses one pulse in a thousand": Fault(
        ((_TOTAL, "\n        self.forward += forward\n", _LOSES),),
        "test_pulse_accuracy",
        "4.12/5.13",
    ),
    "answers after 530 ms": Fault(
        (
            (_SERVE, "_ANSWER_AFTER_MS = const(22)", "_ANSWER_AFTER_MS = const(530)"),
            (_SERVE, "_ANSWER_BEFORE_MS = const(490)", "_ANSWER_BEFORE_MS = const(990)"),
        ),
        "test_answers",
        "4.10/5.9",
    ),
    "answers after 10 ms": Fault(
        ((_SERVE, "_ANSWER_AFTER_MS = const(22)", "_ANSWER_AFTER_MS = const(10)"),),
        "test_answers",
        "4.10/5.9",
    ),
    "forgets after a power cut": Fault(
        ((_TOTALS, _LOADED, _FORGETS),), "test_totals_are_kept", "4.5/5.7"
    ),
    "invents a freeze": Fault(
        ((_FREEZER, _KEPT, _KEPT + " or self._entry(i, moment)"),), "test_freezes", "4.11/5.12"
    ),
}


def judged(fault: Fault | None, *only: str) -> tuple[dict[str, str], int]:
    """{step: what was said} of those that did not pass, and how many there were; of the clauses
    named, else of all. In virtual time, `--quick`."""
    sources = changed_sources(*fault.changes) if fault else None
    steps = []
    stand = in_virtual_time(load("sample"), sources)
    try:
        broken, _ = play(stand, Plan(_SEED, quick=True, only=only), Heard(ended=steps.append))
    finally:
        stand.close()
    assert not broken
    return {step.name: step.said for step in steps if step.outcome != "passed"}, len(steps)
