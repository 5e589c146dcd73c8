"""What a freshly started node can say of its own health, over its console. It cannot know what is
wired to it: contacts are told as found, and meters on a bus are not asked."""

from __future__ import annotations

import time

from converter.model import events

from sibiao.board.console import Commands
from sibiao.config.schema.community import Point
from sibiao.errors import SibiaoError
from sibiao.provision.node import pulse_points
from sibiao.tray.job import Job

_WRITTEN_S = 10
_LOOK_AGAIN_S = 0.5
_FAULTS = {
    events.TASK_ENDED: "a task ended",
    events.TASK_OUT_OF_MEMORY: "a task had too little memory",
    events.TASK_HUNG: "a task hung",
    events.COMMIT_FAILED: "a record could not be written",
    events.RECORD_LOST: "a record is lost",
    events.SOURCE_FALLBACK: "an input's pulse source is not in this image",
    events.RECORDS_GONE: "the records are lost",
}
_LOADING = (events.RECORD_LOST, events.RECORDS_GONE)


def test(job: Job) -> str:
    """What was seen. SibiaoError with the first thing that is wrong, and what to do."""
    job.say("self-test")
    report = job.result.report
    name = f"the self-test of unit {report['serial']}"
    fault = report["fault"] or ""
    if fault.startswith("records lost"):
        raise SibiaoError(f"{name}: {fault}: it is silent until its dials are entered anew")
    if report["hung"] or report["ended"]:
        what = (
            f"task {report['hung']} hung" if report["hung"] else f"{report['ended']} tasks ended"
        )
        raise SibiaoError(f"{name}: {what}; repeat, and report it if it happens again")
    with job.commands("the self-test") as commands:
        seen = [_input(job, *each, commands, name) for each in pulse_points(job.loaded)]
        event = _fault(commands)
    if event:
        raise SibiaoError(
            f"{name}: since the start {event}; repeat, and replace the board if it happens again"
        )
    clock = "clock set" if report["time_s"] else "clock not set"
    # A note of a start that failed once outlives starts that do not.
    noted = [f"noted earlier: {fault}"] if fault else []
    return "; ".join([*seen, clock, f"{report['heap']} bytes of heap in use", *noted])


def _input(job: Job, number: int, point: Point, commands: Commands, name: str) -> str:
    """Its record was written since the start, or it is none."""
    end = time.monotonic() + _WRITTEN_S
    while (said := commands.command(f"point {number}", "point"))["dirty"] or said["lost"]:
        job.say("self-test")
        if said["lost"]:
            raise SibiaoError(
                f"{name}: the record of {point.name} is lost, or another unit's: sibiao restore"
            )
        if time.monotonic() > end:
            raise SibiaoError(
                f"{name}: the record of {point.name} was not written within {_WRITTEN_S} s; "
                "replace the board if it happens again"
            )
        time.sleep(_LOOK_AGAIN_S)
    wired = [point.wired_to] if isinstance(point.wired_to, str) else point.wired_to
    shown = (
        f"{pin} {'closed' if said['levels'] >> bit & 1 else 'open'}"
        for bit, pin in enumerate(wired)
    )
    return f"{point.name} written, {', '.join(shown)}"


def _fault(commands: Commands) -> str | None:
    # From the newest event back to the start, and what was found while the start was not told yet.
    has_started = False
    for back in range(events.CAPACITY):
        event = commands.command(f"event {back}", "event")["event"]
        if event is None:
            return None
        code, detail = event[:2]
        if code in (_LOADING if has_started else _FAULTS):
            return f"{_FAULTS[code]} ({detail})"
        if has_started:
            return None
        has_started = code == events.STARTED
    return None
