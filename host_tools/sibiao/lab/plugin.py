"""The bench within pytest: fixtures of a step, and a record of what each step measured.

Only `sibiao bench` registers it, so that an ordinary pytest run never meets it. A step is an
ordinary test function, marked `@clause("4.10/5.9", "channel")`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import pytest

from sibiao.errors import SibiaoError
from sibiao.lab.fixtures import SESSION, Session
from sibiao.lab.record import CannotDo, Measured, Plot, Step


def clause(number: str, title: str) -> pytest.MarkDecorator:
    """The clause of DB37/T 5104 that a step is of, and what it is about in a word."""
    return pytest.mark.clause(number, title)


@dataclass
class Heard:
    """Told of what happens; each may be left as it is."""

    unreadable: Callable[[str, str], Any] = lambda file, why: None
    planned: Callable[[list[Step]], Any] = lambda steps: None
    began: Callable[[str], Any] = lambda name: None
    progress: Callable[[str, float, float], Any] = lambda name, done, total: None
    ended: Callable[[Step], Any] = lambda step: None


class LabPlugin:
    def __init__(self, session: Session, only: tuple[str, ...], heard: Heard):
        self._session = session
        self._only = only
        self._heard = heard
        self._now: Step | None = None

    # --- fixtures

    @pytest.fixture
    def rng(self, request) -> random.Random:
        """Of the run's seed and the step's name: the same whichever other steps run."""
        return random.Random(f"{self._session.seed} {request.node.name}")

    @pytest.fixture
    def measure(self, request) -> Callable[..., Measured]:
        """`measure(name, value, unit, low=None, high=None)`. All are recorded; any out of its
        limits fails the step at its end."""

        def record(name, value, unit, low=None, high=None) -> Measured:
            number = None if value is None else value if type(value) is int else float(value)
            if number is not None and not isfinite(number):
                number = None  # what is no number was not measured
            measured = Measured(name, number, unit, low, high)
            self._now.measured.append(measured)
            request.node.user_properties.append((f"{name} ({unit})", number))  # for JUnit
            return measured

        return record

    @pytest.fixture
    def plot(self) -> Callable[[Plot], None]:
        def add(each: Plot) -> None:
            if not isinstance(each, Plot):
                raise TypeError(f"no plot of lab/record.py: {each!r}")
            self._now.plots.append(each)

        return add

    @pytest.fixture
    def attach(self) -> Callable[[str, bytes], None]:
        """`attach(name, data)`: a file of the report."""

        def add(name: str, data: bytes) -> None:
            self._now.logs[name] = bytes(data)

        return add

    @pytest.fixture
    def progress(self) -> Callable[[float, float], None]:
        """`progress(done, total)`: for the bar on the screen."""
        return lambda done, total: self._heard.progress(self._now.name, done, total)

    # --- collection

    def pytest_configure(self, config) -> None:
        config.stash[SESSION] = self._session
        config.addinivalue_line("markers", "clause(number, title): of DB37/T 5104")

    def pytest_collection_modifyitems(self, config, items) -> None:
        chosen = [item for item in items if not self._only or wanted(item, self._only)]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen

    def pytest_collection_finish(self, session) -> None:
        self._heard.planned([_step(item) for item in session.items])

    # --- a step

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item) -> Generator[None, object, object]:
        self._now = _step(item)
        item.user_properties.append(("clause", self._now.clause))
        self._session.stand.log.rows.clear()
        self._heard.began(self._now.name)
        try:
            return (yield)
        except BaseException:
            self._now.outcome, self._now.said = "error", "broken off"
            raise
        finally:
            _append(self._now.logs, "lines.txt", self._session.stand.log.text())
            self._heard.ended(self._now)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item) -> Generator[None, object, object]:
        try:
            return (yield)
        except CannotDo as why:
            pytest.skip(str(why))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item) -> Generator[None, object, object]:
        try:
            done = yield
        except CannotDo as why:
            pytest.skip(str(why))
        if outside := self._now.outside:
            pytest.fail(said_of(outside), pytrace=False)
        return done

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call) -> Generator[None, Any, Any]:
        report = yield
        step = self._now
        step.seconds += report.duration
        if report.skipped:
            step.outcome, step.said = "skipped", _reason(report)
        elif report.failed:
            # What failed stays failed, whatever goes wrong when it is cleared away.
            if step.outcome != "failed":
                step.outcome = "failed" if report.when == "call" else "error"
            said = [step.said, said_of(step.outside) if report.when == "call" else "", _why(call)]
            step.said = "\n".join(dict.fromkeys(filter(None, said)))
            _append(step.logs, "traceback.txt", report.longreprtext)
        if call.when == "teardown":  # the last report holds what was printed in all three
            _append(step.logs, "printed.txt", report.capstdout + report.capstderr)
        return report

    def pytest_collectreport(self, report) -> None:
        if report.failed:
            self._heard.unreadable(report.nodeid, report.longreprtext)


def wanted(item, only: tuple[str, ...]) -> bool:
    """Whether one of them is its clause, a part of it, or the clause's word."""
    step = _step(item)
    named = {step.clause, step.title, *step.clause.split("/")}
    return any(each in named for each in only)


def said_of(outside: list[Measured]) -> str:
    """One line for each value that is out of its limits, or missing."""
    return "\n".join(
        f"{each.name}: {each.shown}" + (f", must be {each.limits}" if each.limits else "")
        for each in outside
    )


def _step(item) -> Step:
    mark = item.get_closest_marker("clause")
    number, title = (*(mark.args if mark else ()), "", "")[:2]
    about = " ".join((item.function.__doc__ or "").split())
    return Step(number, title, "passed", 0.0, name=item.name, about=about)


def _append(logs: dict[str, bytes], name: str, text: str) -> None:
    if text:
        logs[name] = logs.get(name, b"") + text.encode()


def _reason(report) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return text.removeprefix("Skipped: ")


def _why(call) -> str:
    error = call.excinfo.value
    told = str(error)
    if isinstance(error, AssertionError) and not told.startswith("assert "):
        told = told.partition("\nassert ")[0]  # the step's own words, without pytest's below
    if isinstance(error, (AssertionError, SibiaoError, pytest.fail.Exception)) and told:
        return told
    return f"{type(error).__name__}: {told}"
