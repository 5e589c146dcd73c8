"""A run as one HTML page that holds everything: plots drawn, logs within."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from sibiao.lab.record import Run, Step
from sibiao.templates import html_templates

WORDS = {
    "passed": ("✔", "PASSED"),
    "failed": ("✘", "FAILED"),
    "unfinished": ("?", "UNFINISHED: proves nothing"),
    "skipped": ("–", "SKIPPED"),
    "error": ("!", "ERROR"),
}
_SHOWN_BYTES = 40_000  # of a log; all of it is behind its link


@dataclass(frozen=True)
class Shown:
    """A log in the page. `cut`: bytes between its two ends that are not shown."""

    name: str
    link: str
    size: int
    text: str
    cut: int


def page(run: Run) -> str:
    templates = html_templates(Path(__file__).with_name("templates"))
    return templates.get_template("bench.html.j2").render(
        run=run,
        words=WORDS,
        reasons=reasons(run),
        drawn=[_drawn(step, n) for n, step in enumerate(run.steps)],
        logs=[[_shown(*log) for log in sorted(step.logs.items())] for step in run.steps],
        run_logs=[_shown(*log) for log in sorted(run.logs.items())],
    )


def reasons(run: Run) -> list[str]:
    """Why the verdict is not "passed", the most telling first."""
    said = [run.broken] if run.broken else []
    for outcome in ("failed", "error"):
        said += [
            f"{step.clause} {step.label}: {line}".strip()
            for step in run.steps
            if step.outcome == outcome
            for line in (step.said.splitlines()[:3] or [outcome])
        ]
    missing = run.planned - len(run.steps)
    if missing > 0:
        said.append(f"{missing} of {run.planned} steps were not done")
    if run.verdict == "unfinished" and not said:
        said.append("no step passed")
    return said


def _drawn(step: Step, number: int) -> list[tuple[str, str, str]]:
    # (caption, picture, why there is none)
    if not step.plots:
        return []
    from sibiao.lab.report import plots  # takes a second, of matplotlib

    made = []
    for n, plot in enumerate(step.plots):
        try:
            made.append((plots.said(plot), plots.svg(plot, f"s{number}p{n}"), ""))
        except Exception as error:  # a step of the laboratory's own may plot anything
            why = f"{type(plot).__name__} cannot be drawn: {type(error).__name__}: {error}"
            made.append(("", "", why))
    return made


def _shown(name: str, data: bytes) -> Shown:
    cut = max(0, len(data) - _SHOWN_BYTES)
    half = _SHOWN_BYTES // 2
    parts = [data] if not cut else [data[:half], data[-half:]]
    text = "\n[…]\n".join(part.decode("utf-8", "replace") for part in parts)
    text = "".join(c if c.isprintable() or c in "\n\t" else "·" for c in text)
    link = f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}"
    return Shown(name, link, len(data), text, cut)
