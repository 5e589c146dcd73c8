"""The unit's key into its parameter record: once, because each time its counters begin anew."""

from __future__ import annotations

from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.ledger.row import Row
from sibiao.provision.key import make_key
from sibiao.reader.unit import key_in
from sibiao.tray.job import Job


def give(job: Job) -> str:
    """Of the folder's SERIAL.key, which is made if it is not there."""
    if job.wanted.keys is None:
        return ""
    job.say("giving the key")
    path = key_file(job)
    is_new = not path.exists()
    if is_new:
        make_key(path)
    key = key_in(path)
    row = None if is_new else _given(job)
    if row:
        return f"as row {row.n} of the ledger says"
    with job.commands("giving the key") as commands:
        commands.command(f"key {key.hex()}", "key")
    return f"written, {'made' if is_new else 'as it stood'} in {path}"


def key_file(job: Job) -> Path:
    return job.wanted.keys / f"{job.loaded.community.serial}.key"


def check(keys: Path, sealed: str, community: str) -> None:
    """Before any board is touched."""
    if sealed == "off":
        raise SibiaoError(f"the uplink of {community!r} has no seals: leave --keys out")
    if not keys.is_dir():
        raise SibiaoError(f"there is no folder {keys} for keys: make it, readable by you only")


def _given(job: Job) -> Row | None:
    """The last row by which this board was given this unit's key."""
    found = None
    for row in job.wanted.ledger.rows():
        if (row.serial, row.data.get("unit")) != (job.result.serial, job.result.board_id):
            continue
        steps = row.data.get("steps")
        if isinstance(steps, dict) and str(steps.get("key", "")).startswith("written"):
            found = row
    return found
