"""Modules tested one after the other, or some at once: a process and a run for each."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import connection, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sibiao.lab import child
from sibiao.lab.play import Plan
from sibiao.lab.record import ModuleFacts, Run, Step
from sibiao.lab.stands.under_test import UnderTest

_LOOK_S = 0.2  # so often the picture is drawn anew
_PATIENCE_S = 20  # for what a process does when it is told to end
_END_S = 5  # for its end, when it has told all


@dataclass
class Bench:
    """One module's run as it comes. `folder` is where its reports are, once they are."""

    under_test: UnderTest
    run: Run
    steps: list[Step]  # to be done
    now: str = ""
    share: float | None = None  # of the step that runs; None where it does not tell
    since_s: float = 0.0
    state: str = "waiting"  # running, done
    folder: Path | None = None
    junit: Path | None = None
    _began_s: float = 0.0
    _process: object = field(default=None, repr=False)

    def take(self, event: child.Event) -> None:
        match event:
            case child.Opened(name, facts):
                self.run.module = facts
                self.run.under_test = f"{self.under_test.text}: {name}"
            case child.Began(name):
                self.now, self.share, self.since_s = name, None, time.monotonic()
            case child.Progressed(_, done, total):
                self.share = done / total if total else None
            case Step():
                self.run.steps.append(event)
                self.now = ""
            case child.Done(broken, logs):
                self.run.broken = self.run.broken or broken
                self.run.logs |= logs
                self.state = "done"


def benches(
    modules: list[UnderTest], steps: list[Step], plan: Plan, frame: dict[str, Any]
) -> list[Bench]:
    """`frame`: what all runs have in common (operator, station, software)."""
    made = []
    for module in modules:
        run = Run(
            seed=plan.seed,
            quick=plan.quick,
            only=list(plan.only),
            started=datetime.now().astimezone(),
            module=ModuleFacts(),
            under_test=module.text,
            planned=len(steps),
            **frame,
        )
        made.append(Bench(module, run, steps))
    return made


def run_all(
    todo: list[Bench],
    plan: Plan,
    at_once: int,
    look: Callable[[], None],
    ended: Callable[[Bench], None],
) -> None:
    """`look` is called often, `ended` as each is done; Ctrl-C ends all, with what they have."""
    waiting, running = list(todo), {}
    with TemporaryDirectory(prefix="sibiao-bench-") as folder:
        try:
            while waiting or running:
                while waiting and len(running) < at_once:
                    bench = waiting.pop(0)
                    bench.junit = Path(folder, f"{len(waiting)}.xml")
                    running[_started(bench, replace(plan, junit=bench.junit))] = bench
                _hear(running, _LOOK_S, ended)
                look()
        except KeyboardInterrupt:
            _stop(running, ended)
            for bench in waiting:
                bench.take(child.Done("broken off before it began"))
                ended(bench)
        finally:
            for bench in running.values():  # none is left but after an error of our own
                _kill(bench)


def _started(bench: Bench, plan: Plan) -> connection.Connection:
    spawn = get_context("spawn")  # a fresh interpreter: nothing of one run is in the next
    ours, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=child.main, args=(theirs, bench.under_test, plan))
    process.start()
    theirs.close()
    bench.run.started = datetime.now().astimezone()
    bench._began_s, bench._process, bench.state = time.monotonic(), process, "running"
    return ours


def _hear(running: dict, limit_s: float, ended: Callable[[Bench], None]) -> None:
    for pipe in connection.wait(list(running), limit_s):
        bench = running[pipe]
        try:
            bench.take(pipe.recv())
        except (EOFError, OSError):
            bench._process.join(_END_S)
            bench.take(_died(bench))
    for pipe, bench in list(running.items()):
        # Processes that it forked may hold the pipe open when it is dead.
        if bench.state != "done" and not bench._process.is_alive() and not pipe.poll():
            bench.take(_died(bench))
        if bench.state == "done":
            del running[pipe]
            _over(bench, ended)


def _died(bench: Bench) -> child.Done:
    return child.Done(f"the process of this module died (exit code {bench._process.exitcode})")


def _over(bench: Bench, ended: Callable[[Bench], None]) -> None:
    bench._process.join(_END_S)
    _kill(bench)
    bench.run.seconds = time.monotonic() - bench._began_s
    ended(bench)


def _stop(running: dict, ended: Callable[[Bench], None]) -> None:
    for bench in running.values():
        # To it alone: were the module's own processes to end first, its step would have failed.
        # On Windows Ctrl-C has reached it already.
        if hasattr(os, "setsid"):
            with suppress(ProcessLookupError):
                os.kill(bench._process.pid, signal.SIGINT)
    end_s = time.monotonic() + _PATIENCE_S
    while running and time.monotonic() < end_s:
        _hear(running, _LOOK_S, ended)
    for bench in list(running.values()):
        bench.take(child.Done("broken off, and its process had to be killed"))
        _over(bench, ended)


def _kill(bench: Bench) -> None:
    """With all that it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(bench._process.pid, signal.SIGKILL)
    bench._process.kill()
