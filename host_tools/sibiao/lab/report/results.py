"""A run's folder: every report of it, and each log as a file."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sibiao.errors import SibiaoError
from sibiao.lab.record import Run
from sibiao.lab.report import json_csv
from sibiao.lab.report.page import page
from sibiao.ledger.file import Ledger

JSON, CSV, HTML, JUNIT = "report.json", "measured.csv", "report.html", "junit.xml"


def ready(out: Path | None) -> None:
    """SibiaoError when nothing could be put there: asked before hours of a test."""
    base = out.parent if out else Path("results")
    try:
        base.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=base):
            pass
    except OSError as error:
        raise SibiaoError(f"no results can be put into {base}: {error.strerror}") from error


def folder_of(out: Path | None, modules: int, run: Run) -> Path:
    """A new one. `out` itself holds one module's results, and a folder each of several."""
    serial = _plain(run.module.serial) or "unknown"
    if out is None:
        return _new(Path("results"), f"{run.started:%Y%m%d-%H%M%S}-{serial}")
    return _new(out, serial) if modules > 1 else _new(out.parent, out.name)


def _new(base: Path, name: str) -> Path:
    for number in range(1, 1000):
        folder = base / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise SibiaoError(f"no results can be put into {base}: {error.strerror}") from error
    raise SibiaoError(f"{base} holds a thousand results of {name}: choose another with --out")


def write(run: Run, folder: Path, junit: Path | None) -> None:
    """`junit`: what pytest wrote, moved here; there is none when its process died."""
    try:
        # The JSON is the record: it is whole or not there, whatever happens to the rest.
        _put(folder / JSON, json_csv.text(run))
        (folder / CSV).write_text(json_csv.as_csv(run), encoding="utf-8")
        for number, step in enumerate(run.steps, 1):
            _logs(folder / "logs" / f"{number:02}-{_plain(step.name)}", step.logs)
        _logs(folder / "logs", run.logs)
        if junit and junit.exists():
            shutil.move(junit, folder / JUNIT)
        (folder / HTML).write_text(_page(run), encoding="utf-8")
    except OSError as error:
        raise SibiaoError(f"{error.filename} cannot be written: {error.strerror}") from error


def _page(run: Run) -> str:
    try:
        return page(run)
    except Exception as error:  # what was measured is worth more than a page of it
        raise SibiaoError(
            f"its page cannot be made ({type(error).__name__}: {error}); {JSON} holds all"
        ) from error


def enter(run: Run, folder: Path, ledger: Path) -> None:
    """A row of the run, with the SHA-256 of its report."""
    data = {
        "verdict": run.verdict,
        "quick": run.quick,
        "only": run.only,
        "seed": run.seed,
        "station": run.station,
        "community": run.module.community,
        "config": run.module.config,
        "firmware": run.module.firmware,
        "failed": [f"{s.clause} {s.label}" for s in run.steps if s.outcome == "failed"],
        "broken": run.broken,
        "report": str(folder / JSON),
        "report_sha256": hashlib.sha256((folder / JSON).read_bytes()).hexdigest(),
    }
    Ledger(ledger).append("bench", run.module.serial, run.operator, data)


def _put(path: Path, text: str) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def _logs(folder: Path, logs: dict[str, bytes]) -> None:
    for name, data in logs.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _plain(name)).write_bytes(data)


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name).strip("._")
