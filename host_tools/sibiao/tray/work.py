"""One board's way: the steps in their order, and what is known of it when one of them fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sibiao.board.copy import Progress
from sibiao.board.flash import flash
from sibiao.board.slots import Look
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.ledger.file import Ledger
from sibiao.tray.builds import Builds
from sibiao.tray.result import FAILED, FLASHED, INTERRUPTED, KEPT, Result
from sibiao.tray.units import Units


class Stopped(Exception):
    """The user ends it. No SibiaoError: nothing on the way takes it for a fault to live with."""


@dataclass(frozen=True)
class Wanted:
    """What is alike for all boards of a run."""

    loaded: Loaded
    units: Units
    builds: Builds
    ledger: Ledger
    operator: str
    in_service: bool = False


class Work:
    """One board at `port`, reached by the path `way`."""

    def __init__(self, wanted: Wanted, port: str, way: str, progress: Progress):
        self._wanted = wanted
        self._way = way
        self._progress = progress
        self._loaded: Loaded | None = None
        self.result = Result(port)

    def run(self) -> Result:
        """Never raises: whatever happens to a board is its own verdict, and in the ledger."""
        result, begun = self.result, time.monotonic()
        try:
            for step in _STEPS:
                step(self)
            result.verdict = FLASHED if result.copied else KEPT
        except SibiaoError as error:
            result.error = str(error)
        except Stopped:
            result.verdict = INTERRUPTED
            result.error = self._left()
        except Exception as error:  # a fault of ours must not cost the other boards their rows
            result.error = f"{type(error).__name__}: {error}; please report this, and repeat"
        result.seconds = round(time.monotonic() - begun, 1)
        self._keep()
        return result

    def _flash(self) -> None:
        wanted, result = self._wanted, self.result
        done = flash(
            wanted.loaded,
            self._way,
            self._told,
            wanted.in_service,
            self._unit,
            wanted.builds.files,
        )
        result.slot, result.report = done.slot, done.report
        result.copied, result.copied_bytes = done.copied, done.copied_bytes
        result.kept = done.kept

    def _unit(self, found: Look) -> Loaded:
        result = self.result
        result.board_id, result.slot = found.board_id, found.confirmed
        self._loaded = self._wanted.units.take(found.board_id, result.port)
        result.serial = self._loaded.community.serial
        return self._loaded

    def _told(self, what: str, done: int, total: int) -> None:
        if what.startswith("starting slot "):
            self.result.slot = None  # from here on its trial start decides
        self._progress(what, done, total)

    def _left(self) -> str:
        if not self.result.board_id:
            return "ended before the board was touched: repeat"
        if self.result.slot is None:
            return "ended during the start of the new slot, which decides by itself: repeat"
        return f"ended: the board starts slot {self.result.slot} as before; repeating resumes"

    def _keep(self) -> None:
        result, loaded = self.result, self._loaded
        data = {
            "community": self._wanted.loaded.name,
            "unit": result.board_id,
            "port": result.port,
            "verdict": result.verdict,
            "slot": result.slot,
            "copied": len(result.copied),
            "kept": result.kept,
            "steps": result.steps,
            "error": result.error,
        }
        if loaded:
            points = {p.name: {"address": p.address} for p in loaded.community.points}
            data |= {"address": loaded.community.address, "points": points}
        if result.report:
            data |= {key: result.report[key] for key in ("firmware", "config")}
        try:
            self._wanted.ledger.append("flash", result.serial, self._wanted.operator, data)
        except SibiaoError as error:
            result.verdict = FAILED
            no_row = f"no row in the ledger: {error}"
            result.error = f"{result.error}; {no_row}" if result.error else no_row


_STEPS: tuple[Callable[[Work], None], ...] = (Work._flash,)
