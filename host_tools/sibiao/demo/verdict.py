"""Pass or fail, why, and the one line for machines."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from statistics import median

from sibiao.demo.run import DemoRun
from sibiao.sim.quantity import Quantity


@dataclass(frozen=True)
class Verdict:
    reasons: tuple[str, ...]  # why not; none means pass
    line: str = ""  # what there is to say of a fault
    facts: dict = field(default_factory=dict)  # the same for programs

    @property
    def passed(self) -> bool:
        return not self.reasons

    @property
    def word(self) -> str:
        return "pass" if self.passed else "fail"


def judge(run: DemoRun) -> Verdict:
    """Every reason there is, the first cause first."""
    if run.ready_ns is None:
        return Verdict((_why_not_ready(run),))
    reasons = []
    if run.ok != run.tried or not run.tried:
        reasons.append(f"{run.tried - run.ok} of {run.tried} reads failed: {_faults(run)}")
    for name, follow in run.follows.items():
        if follow.collected is None:
            reasons.append(f"{name} was never collected")
        if follow.untrue:
            shown = ", ".join(str(q) for q in follow.untrue[:3])
            reasons.append(
                f"{name}: {len(follow.untrue)} of {follow.judged} values were never on the "
                f"meter's dial: {shown}"
            )
    if not run.last_round_done:
        reasons.append("the last reading after settling did not end in time")
    if not run.water.emitted:
        reasons.append("the water meter emitted no pulse")
    finding = run.water.finding(run.counted, run.alarms)
    return Verdict((*reasons, *finding.reasons), finding.line, finding.facts)


def _why_not_ready(run: DemoRun) -> str:
    missing = [name for name, held in run.rounds.collected.items() if not held.ok]
    shown = ", ".join(missing)
    return f"the converter was not ready in time; no value of {shown} ({_faults(run)})"


def _faults(run: DemoRun) -> str:
    total: dict[str, int] = {}
    for reader in run.readers:
        for held in reader.collected.values():
            for fault, n in held.faults.items():
                total[fault] = total.get(fault, 0) + n
    return ", ".join(f"{fault} × {n}" for fault, n in total.items()) or "nothing was tried"


def turnaround_ms(run: DemoRun) -> tuple[float, float, float] | None:
    """Least, median and greatest Td of all answers since the converter was ready."""
    td_ns = [
        td for reader in run.readers for held in reader.collected.values() for td in held.td_ns
    ]
    if not td_ns:
        return None
    return min(td_ns) / 1e6, median(td_ns) / 1e6, max(td_ns) / 1e6


def as_json(run: DemoRun, verdict: Verdict) -> str:
    """The line that `sibiao demo --json` ends with."""

    def number(quantity: Quantity | None) -> float | None:
        return None if quantity is None else float(quantity.number())

    points = [
        {
            "name": name,
            "dial": number(run.dial(follow.watched)),
            "register": number(follow.register),
            "collected": number(follow.collected.value if follow.collected else None),
            "unit": follow.watched.read.unit,
        }
        for name, follow in run.follows.items()
    ]
    return json.dumps(
        {
            "node": run.node.kind,
            "reads": {"tried": run.tried, "ok": run.ok},
            "pulses": {"emitted": run.water.emitted, "counted": run.counted},
            "points": points,
            **verdict.facts,
            "verdict": verdict.word,
        },
        ensure_ascii=False,
    )
