"""The step that all others need: MicroPython where it is missing, the unit's files, and proof from
the running node that they are what it runs."""

from __future__ import annotations

from pathlib import Path

from sibiao.board.check import OtherMicroPython
from sibiao.board.flash import flash
from sibiao.board.prompt import NoPrompt
from sibiao.board.slots import Look
from sibiao.config.load import Loaded
from sibiao.tray.job import Job


def bring(job: Job) -> str:
    """Raises what `flash` and `image.bring` do."""
    image = job.wanted.image
    if not image:
        return _files(job)
    if not Path(job.way).is_dir():  # a bootloader's drive
        try:
            return _files(job)
        except (NoPrompt, OtherMicroPython):
            pass
    from sibiao.board.image import bring as bring_image  # most boards have theirs

    job.way = bring_image(job.way, job.wanted.loaded, image, job.say)
    job.result.steps["MicroPython"] = f"from {image.name}"
    return _files(job)


def _files(job: Job) -> str:
    wanted, result = job.wanted, job.result

    def unit(found: Look) -> Loaded:
        result.board_id, result.slot = found.board_id, found.confirmed
        job.loaded = wanted.units.take(found.board_id, result.port)
        result.serial = job.loaded.community.serial
        return job.loaded

    def told(what: str, done: int, total: int) -> None:
        if what.startswith("starting slot "):
            result.slot = None  # from here on its trial start decides
        job.told(what, done, total)

    done = flash(
        wanted.loaded, job.way, told, wanted.in_service, unit_for=unit, build=wanted.builds.files
    )
    result.slot, result.report = done.slot, done.report
    result.copied, result.copied_bytes, result.kept = done.copied, done.copied_bytes, done.kept
    return ""
