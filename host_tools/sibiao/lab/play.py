"""Steps collected and played by pytest, one module in one process."""

from __future__ import annotations

import io
import os
import shlex
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sibiao.errors import SibiaoError
from sibiao.lab import fixtures
from sibiao.lab.fixtures import Session
from sibiao.lab.plugin import Heard, LabPlugin
from sibiao.lab.record import Step

SHIPPED = Path(__file__).with_name("steps")
_INI = Path(__file__).with_name("steps.ini")


@dataclass(frozen=True)
class Plan:
    """`only`: clauses, or their words; none for all. `steps`: folders of a laboratory's own, after
    the shipped ones. `junit`: where pytest writes its report."""

    seed: int
    quick: bool = False
    only: tuple[str, ...] = ()
    steps: tuple[Path, ...] = ()
    shipped: bool = True
    junit: Path | None = None

    @property
    def folders(self) -> list[Path]:
        return [SHIPPED, *self.steps] if self.shipped else list(self.steps)


def collected(plan: Plan) -> list[Step]:
    """The steps that there are to do. SibiaoError when a file cannot be read, or none is left."""
    for folder in plan.steps:
        if not folder.exists():
            raise SibiaoError(f"there is no folder of steps {folder}: see --steps")
    unreadable: list[str] = []
    steps: list[Step] = []

    def refuse(file: str, why: str) -> None:
        last = why.strip().splitlines()[-1].removeprefix("E").strip()
        unreadable.append(f"{file or 'steps'}: {last}")

    heard = Heard(unreadable=refuse, planned=steps.extend)
    code, said = _pytest(plan, None, heard, ["--collect-only"])
    if unreadable:
        raise SibiaoError(f"steps cannot be read: {unreadable[0]}; see `python -m pytest FILE`")
    if not steps and plan.only:
        there = collected(replace(plan, only=()))
        words = sorted({" ".join(filter(None, [s.clause, s.title])) for s in there})
        raise SibiaoError(f"no step is of {', '.join(plan.only)}; there are: {'; '.join(words)}")
    if not steps:
        raise SibiaoError(
            f"there are no steps in {', '.join(map(str, plan.folders))}: a step is a function "
            "test_… in a file test_….py"
        )
    if code != pytest.ExitCode.OK:
        raise SibiaoError(f"steps cannot be collected: {said.strip()[-400:]}")
    return steps


def play(stand, plan: Plan, heard: Heard) -> tuple[str, str]:
    """(why it ended early, what pytest printed)."""
    junit = [f"--junitxml={plan.junit}"] if plan.junit else []
    code, said = _pytest(plan, stand, heard, junit)
    match code:
        case pytest.ExitCode.OK | pytest.ExitCode.TESTS_FAILED:
            return "", said
        case pytest.ExitCode.INTERRUPTED:
            return "broken off", said
    return f"pytest ended with {code}: {said.strip()[-400:]}", said


def _pytest(plan: Plan, stand, heard: Heard, more: list[str]) -> tuple[int, str]:
    args = [f"-c={_INI}", f"--rootdir={SHIPPED}", "--color=no", *more]
    beside = shlex.join(path.as_posix() for path in plan.steps)  # as pytest takes it apart
    args += [f"--override-ini=pythonpath={beside}"]
    plugin = LabPlugin(Session(stand, plan.seed, plan.quick), plan.only, heard)
    said = io.StringIO()
    with redirect_stdout(said), _no_others():
        code = pytest.main([*args, *map(str, plan.folders)], plugins=[plugin, fixtures])
    return code, said.getvalue()


@contextmanager
def _no_others():
    """The same run whatever plugins of pytest are installed here."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
