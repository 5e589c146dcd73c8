"""Flashing: into the idle slot, read back, one trial start, and proof from the running node."""

from __future__ import annotations

import hashlib
import posixpath
import time
from collections.abc import Callable
from dataclasses import dataclass

from sibiao.board import identity, slots
from sibiao.board.prompt import prompt, quiet_prompt
from sibiao.config.build import slot_files, starter_files
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError

_OLDEST = (1, 25)
_MPY = 6
_SPARE_BYTES = 64 * 1024  # left for records and for littlefs to move blocks about
_CONFIRM_S = 90
_CHUNK = 1024

Progress = Callable[[str, int, int], None]  # what, bytes done, bytes in all


@dataclass(frozen=True)
class Flashed:
    """What flashing did, and what the running node says of itself."""

    slot: str
    copied: list[str]
    copied_bytes: int
    kept: int
    report: dict


def flash(loaded: Loaded, port: str, progress: Progress = lambda *_: None) -> Flashed:
    """Put a community on the board at `port`. SibiaoError leaves the confirmed slot as it was."""
    built = slot_files(loaded)  # errors of the configuration come before the board is touched
    progress("asking for a prompt", 0, 0)
    quiet_prompt(port, lambda text: progress(text, 0, 0))
    with prompt(port) as board:
        state = slots.look(board)
        _check(state, sum(map(len, built.values())), port)
        slot = "b" if state["confirmed"] == "a" else "a"
        files = {f"/{slot}/{name}": data for name, data in built.items()}
        files |= {f"/{name}": data for name, data in starter_files().items()}
        copied = _copy(board, slot, files, progress)
        _compare(board, slot, files, port, progress)
        progress("starting the new slot", 0, 0)
        _write(board, "/slots/trial", slot.encode())
        board.exec_raw_no_follow("import machine\nmachine.reset()")
    report = _proof(port, slot, loaded, progress)
    return Flashed(
        slot, copied, sum(len(files[p]) for p in copied), len(files) - len(copied), report
    )


def _check(state: dict, size: int, port: str) -> None:
    version = tuple(state["version"][:2])
    if version < _OLDEST or state["mpy"] != _MPY:
        raise SibiaoError(
            f"the board on {port} runs MicroPython {'.'.join(map(str, version))}; "
            f"1.25 or later is needed: put a new image on it first"
        )
    if state["free"] < size + _SPARE_BYTES:
        raise SibiaoError(
            f"the file system of the board on {port} has {state['free']} bytes free and "
            f"{size + _SPARE_BYTES} are needed: remove files that are not Sibiao's"
        )


def _copy(board, slot: str, files: dict[str, bytes], progress: Progress) -> list[str]:
    # Only what differs; what does not belong there goes. The trial note first: a slot that is
    # being written must not be started.
    _remove(board, "/slots/trial")
    there = slots.hashes(board, [f"/{slot}"], list(files))
    for path in there.keys() - files.keys():
        board.fs_rmfile(path)
    changed = [p for p, data in files.items() if there.get(p) != hashlib.sha256(data).hexdigest()]
    total = sum(len(files[p]) for p in changed)
    done = 0
    _make_folders(board, [*changed, "/slots/trial"])
    for path in changed:
        _write(board, path, files[path])
        done += len(files[path])
        progress(f"copying {path}", done, total)
    return changed


def _write(board, path: str, data: bytes) -> None:
    # Beside its place first, so that a cable pulled in the middle leaves the old file whole.
    board.fs_writefile("/slots/new", data, chunk_size=_CHUNK)
    board.exec(f"import os\nos.rename('/slots/new', {path!r})")


def _remove(board, path: str) -> None:
    board.exec(f"import os\ntry: os.remove({path!r})\nexcept OSError: pass")


def _make_folders(board, paths: list[str]) -> None:
    folders = set()
    for path in paths:
        while (path := posixpath.dirname(path)) != "/":
            folders.add(path)
    board.exec(
        f"import os\nfor p in {sorted(folders)!r}:\n try: os.mkdir(p)\n except OSError: pass"
    )


def _compare(board, slot: str, files: dict[str, bytes], port: str, progress: Progress) -> None:
    progress("reading back", 0, 0)
    there = slots.hashes(board, [f"/{slot}"], list(files))
    wrong = [p for p, d in files.items() if there.get(p) != hashlib.sha256(d).hexdigest()]
    if wrong or there.keys() != files.keys():
        raise SibiaoError(
            f"the board on {port} holds other bytes than were sent "
            f"({', '.join(wrong or sorted(there.keys() - files.keys()))}); it keeps its old slot: "
            "repeat, and replace the board if it happens again"
        )


def _proof(port: str, slot: str, loaded: Loaded, progress: Progress) -> dict:
    # The running node names its slot, configuration and address; a trial that is not over yet
    # is asked again.
    progress("waiting for the node's own report", 0, 0)
    end = time.monotonic() + _CONFIRM_S
    report = None
    while time.monotonic() < end:
        report = identity.ask(port, end - time.monotonic())
        if report is None or not report["trial"]:
            break
        time.sleep(1)
    if report is None:
        raise SibiaoError(
            f"the node on {port} did not report after its start; unplug it and plug it in again: "
            "it then starts its old slot"
        )
    if report["slot"] != slot or report["trial"]:
        raise SibiaoError(
            f"the new slot {slot!r} did not pass its trial start; the node runs slot "
            f"{report['slot']!r}, and /slots/fault on the board may say why"
        )
    return report
