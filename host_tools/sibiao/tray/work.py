"""One board's way through the steps, its verdict, and its row in the ledger."""

from __future__ import annotations

import time
from typing import Any

from sibiao.board.copy import Progress
from sibiao.errors import SibiaoError
from sibiao.tray import addresses, files, key, selftest
from sibiao.tray.job import Job, Step, Stopped, Wanted
from sibiao.tray.result import FAILED, FLASHED, INTERRUPTED, KEPT, Result

STEPS: tuple[tuple[str, Step], ...] = (
    ("files", files.bring),
    ("key", key.give),
    ("self-test", selftest.test),
    ("addresses", addresses.read),
)


def work(wanted: Wanted, port: str, way: str, progress: Progress) -> Result:
    """Never raises: whatever happens to a board is its own verdict, and in the ledger."""
    job = Job(wanted, Result(port), way, progress)
    result, begun = job.result, time.monotonic()
    try:
        for name, step in STEPS:
            said = step(job)
            if said:
                result.steps[name] = said
        result.verdict = FLASHED if result.copied else KEPT
    except SibiaoError as error:
        result.error = str(error)
    except Stopped:
        result.verdict = INTERRUPTED
        result.error = _left(result)
    except Exception as error:  # a fault of ours must not cost the board its row
        result.error = f"{type(error).__name__}: {error}; please report this, and repeat"
    result.seconds = round(time.monotonic() - begun, 1)
    try:
        wanted.ledger.append("flash", result.serial, wanted.operator, _row(job))
    except (SibiaoError, OSError) as error:
        result.verdict = FAILED
        no_row = f"no row in the ledger: {error}"
        result.error = f"{result.error}; {no_row}" if result.error else no_row
    return result


def _left(result: Result) -> str:
    """What a board is like when the user has ended it; repeating always goes on from there."""
    if result.report:
        return f"ended after slot {result.slot} had passed its trial start: repeat"
    if not result.board_id:
        return "ended before anything was changed: repeat"
    if result.slot is None:
        return (
            "ended before the new slot had passed its trial start; an older one, if there is one, "
            "runs until it has: repeat"
        )
    return f"ended: the board starts slot {result.slot} as before; repeat"


def _row(job: Job) -> dict[str, Any]:
    result = job.result
    data = {
        "community": job.wanted.loaded.name,
        "unit": result.board_id,
        "port": result.port,
        "verdict": result.verdict,
        "slot": result.slot,
        "copied": len(result.copied),
        "kept": result.kept,
        "seconds": result.seconds,
        "steps": result.steps,
        "error": result.error,
    }
    if result.has_passed:  # for labels, too: of a unit that is none there is to be none
        community = job.loaded.community
        points = {point.name: {"address": point.address} for point in community.points}
        data |= {"address": community.address, "points": points}
    if result.report:
        data |= {name: result.report.get(name) for name in ("firmware", "config")}
    return data
