"""A run as JSON and as CSV: all that it measured, for programs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from sibiao.lab.record import Measured, Run, Step

SCHEMA = 1
_COLUMNS = (
    "serial", "started", "clause", "title", "step", "outcome", "name", "value", "unit", "low",
    "high", "passed",
)  # fmt: skip


def as_json(run: Run) -> dict[str, Any]:
    """The logs are files beside it, named as here."""
    return {
        "schema": SCHEMA,
        "verdict": run.verdict,
        "serial": run.module.serial,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "operator": run.operator,
        "station": run.station,
        "under_test": run.under_test,
        "seed": run.seed,
        "quick": run.quick,
        "only": run.only,
        "repeat": run.command,
        "broken": run.broken,
        "planned": run.planned,
        "outcomes": {name: run.count(name) for name in ("passed", "failed", "skipped", "error")},
        "module": asdict(run.module),
        "software": asdict(run.software),
        "steps": [_step(step) for step in run.steps],
        "logs": sorted(run.logs),
    }


def as_csv(run: Run) -> str:
    """A row for each measured value; one without a value for a step that measured nothing."""
    out = io.StringIO()
    table = csv.DictWriter(out, _COLUMNS, lineterminator="\n", restval="")
    table.writeheader()
    for step in run.steps:
        row = {
            "serial": run.module.serial,
            "started": run.started.isoformat(timespec="seconds"),
            "clause": step.clause,
            "title": step.title,
            "step": step.name,
            "outcome": step.outcome,
        }
        for each in step.measured:
            table.writerow(row | asdict(each) | {"passed": "yes" if each.passed else "no"})
        if not step.measured:
            table.writerow(row)
    return out.getvalue()


def text(run: Run) -> str:
    return json.dumps(as_json(run), indent=1, ensure_ascii=False, default=str) + "\n"


def _measured(each: Measured) -> dict[str, Any]:
    return asdict(each) | {"passed": each.passed}


def _step(step: Step) -> dict[str, Any]:
    return {
        "clause": step.clause,
        "title": step.title,
        "name": step.name,
        "label": step.label,
        "about": step.about,
        "outcome": step.outcome,
        "seconds": round(step.seconds, 3),
        "said": step.said,
        "measured": [_measured(each) for each in step.measured],
        "plots": [{"kind": type(each).__name__, **asdict(each)} for each in step.plots],
        "logs": sorted(step.logs),
    }
