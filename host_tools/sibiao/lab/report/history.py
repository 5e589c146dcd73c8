"""What the results folder holds of a serial number, oldest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.lab.report.json_csv import SCHEMA
from sibiao.lab.report.results import JSON


@dataclass(frozen=True)
class Past:
    started: str
    verdict: str
    firmware: str
    config: str
    outcomes: dict[str, int]
    quick: bool
    only: list[str]
    operator: str
    failed: list[str]
    folder: str


def history(results: Path, serial: str) -> list[Past]:
    """SibiaoError when a report cannot be read: a history with holes would deceive."""
    if not results.is_dir():
        raise SibiaoError(f"there is no folder {results}: name that of the results by --results")
    found = []
    for path in results.rglob(JSON):
        report = _read(path)
        if report["serial"] == serial:
            found.append(_past(report, path.parent))
    return sorted(found, key=lambda past: datetime.fromisoformat(past.started))


def _read(path: Path) -> dict:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if report["schema"] != SCHEMA:
            raise SibiaoError(f"{path} is of schema {report['schema']}, this reads {SCHEMA}")
        return report
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SibiaoError(
            f"{path} is no report of the bench ({type(error).__name__}): move it away, repeat"
        ) from error


def _past(report: dict, folder: Path) -> Past:
    return Past(
        started=report["started"],
        verdict=report["verdict"],
        firmware=report["module"]["firmware"],
        config=report["module"]["config"],
        outcomes=report["outcomes"],
        quick=report["quick"],
        only=report["only"],
        operator=report["operator"],
        failed=[
            f"{s['clause']} {s['label']}".strip()
            for s in report["steps"]
            if s["outcome"] == "failed"
        ],
        folder=str(folder),
    )
