"""The laboratory's bench in full, on the emulated Pico and on the node in virtual time: what each
step measured, and how long it took.

python -m tests.soak.lab [--kind virtual|pico] [--quick] writes docs/measurements/lab.md.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import click
from sibiao import __version__
from sibiao.config.load import load
from sibiao.lab.play import Plan, play
from sibiao.lab.plugin import Heard
from sibiao.lab.record import Step
from sibiao.lab.stands.simulated import SimulatedStand, in_virtual_time, on_pico

from tests.faulty_modules import FAULTY, judged

_OPENED = {"virtual": in_virtual_time, "pico": on_pico}
_RESULTS = Path(__file__).parents[2] / "docs" / "measurements" / "lab.md"
_SEED = 7


def run(kind: str, quick: bool) -> tuple[SimulatedStand, list[Step], float]:
    """Stand, steps, and seconds in all; RuntimeError when it broke off."""
    began_s = time.monotonic()
    steps: list[Step] = []
    with closing(_OPENED[kind](load("sample"))) as stand:
        broken, said = play(stand, Plan(_SEED, quick), Heard(ended=steps.append))
    if broken:
        raise RuntimeError(f"{broken}\n{said}")
    return stand, steps, time.monotonic() - began_s


def section(kind: str, quick: bool) -> tuple[list[str], list[str]]:
    """(lines, what did not pass)."""
    stand, steps, seconds = run(kind, quick)
    how = "`--quick`" if quick else "in full"
    when = (
        f"{date.today()}, community `sample`, seed {_SEED}: {len(steps)} steps in {seconds:.0f} s "
        f"of wall time on {os.cpu_count()} cores (load {os.getloadavg()[1]:.1f}).\n"
    )
    lines = [
        f"## {stand.name}, {how}\n",
        when,
        "| clause | step | outcome | s | measured |",
        "|---|---|---|---|---|",
    ]
    for step in steps:
        values = "; ".join(f"{each.name} {each.shown}" for each in step.measured)
        lines.append(
            f"| {step.clause} | {step.about} | {step.outcome} | {step.seconds:.1f} | {values} |"
        )
    wrong = [f"{kind}: {s.name}: {s.said}" for s in steps if s.outcome in ("failed", "error")]
    return [*lines, ""], wrong


def faulty() -> tuple[list[str], list[str]]:
    """(lines, what was not failed at its step alone)."""
    lines = [
        "## Modules with a fault, MicroPython VM in virtual time, `--quick`\n",
        "| fault | failed at |",
        "|---|---|",
    ]
    wrong = []
    for name, fault in {"none": None, **FAULTY}.items():
        said, _ = judged(fault)
        lines.append(f"| {name} | {', '.join(said) or 'no step'} |")
        if list(said) != ([fault.step] if fault else []):
            wrong.append(f"a module that {name}: {said}")
    return [*lines, ""], wrong


def figures(kinds: tuple[str, ...] = ("virtual", "pico"), quick: bool = False):
    """(lines for the record of long runs, faults); the steps have a page of their own."""
    how = ", ".join([*kinds, *(["quick"] if quick else [])])
    head = [
        "# The laboratory's bench, step by step\n",
        f"sibiao {__version__}, `python -m tests.soak.lab`: {how}.\n",
    ]
    page, faults = list(head), []
    for made in (faulty, *(partial(section, kind, quick) for kind in kinds)):
        lines, wrong = made()
        page += lines
        faults += wrong
        _RESULTS.write_text("\n".join(page), encoding="utf-8")
    said = f"{len(faults)} steps did not pass" if faults else "every step passed"
    return [f"- **Bench in full** ({', '.join(kinds)}): {said}; [lab.md](lab.md)."], faults


@click.command()
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(_OPENED)))
@click.option("--quick", is_flag=True)
def main(kinds, quick):
    lines, wrong = figures(kinds or tuple(_OPENED), quick)
    click.echo("\n".join([*lines, *wrong]))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
