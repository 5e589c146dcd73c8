"""Flashing: into the idle slot, read back, one trial start, and proof from the running node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sibiao.board import slots
from sibiao.board.check import check
from sibiao.board.copy import Progress, compare, copy, differing, put, sha256
from sibiao.board.prompt import Prompt, prompt, quiet_prompt
from sibiao.board.proof import proof
from sibiao.config.load import Loaded
from sibiao.firmware.slot import slot_files, starter_files

_NOTES = "/slots"


@dataclass(frozen=True)
class Flashed:
    """What flashing did, and what the running node says of itself."""

    slot: str
    copied: list[str]
    copied_bytes: int
    kept: int
    report: dict


def flash(
    loaded: Loaded,
    port: str,
    progress: Progress = lambda *_: None,
    in_service: bool = False,
    unit_for: Callable[[slots.Look], Loaded] | None = None,
    build: Callable[[Loaded], dict[str, bytes]] = slot_files,
) -> Flashed:
    """Put a community on the board at `port`. SibiaoError leaves the confirmed slot as it was.

    `in_service`: the board has counted before, so if it holds no records now, they were lost: it
    stays silent until they are restored. Otherwise an empty board is a new one. `unit_for`: which
    unit of the community the board is, once it is known. `progress` is called while there is
    nothing to do but wait, too; what it raises ends the work.

    A confirmed slot that holds all of it already is started again, nothing more.
    """
    progress("compiling", 0, 0)
    built = build(loaded)  # errors of the configuration come before the board is touched
    progress("asking for a prompt", 0, 0)
    quiet_prompt(port, lambda text: progress(text, 0, 0))
    with prompt(port) as board:
        found = slots.look(board)
        check(found, loaded, port)
        if unit_for:
            loaded = unit_for(found)
            built = build(loaded)
        progress("comparing", 0, 0)
        slot, files, copied = _bring(board, found.confirmed, loaded, built, in_service, progress)
        progress(f"starting slot {slot}", 0, 0)
    report = proof(port, slot, found, loaded, progress)
    return Flashed(
        slot, copied, sum(len(files[p]) for p in copied), len(files) - len(copied), report
    )


def _bring(
    board: Prompt,
    confirmed: str | None,
    loaded: Loaded,
    built: dict[str, bytes],
    in_service: bool,
    progress: Progress,
) -> tuple[str, dict[str, bytes], list[str]]:
    # (the slot that holds it now and starts next, its files with the starters, those copied)
    starters = {f"/{name}": data for name, data in starter_files(loaded).items()}
    there = slots.hashes(board, ["/a", "/b"], list(starters))
    started = confirmed or _started_unconfirmed(there)
    slot = started
    if not slot or not _is_same(there, slot, built):
        slot = "b" if started == "a" else "a"
    files = {f"/{slot}/{name}": data for name, data in built.items()}
    # The starters stand beside their places until they have been read back: a board whose main.py
    # is damaged starts no slot at all.
    beside = {f"{_NOTES}{path}": starters[path] for path in differing(starters, there)}
    copied = copy(board, files | beside, _below(there, slot), progress)
    if copied:
        progress("reading back", 0, 0)
        compare(board, slot, files | beside)
    for path in beside:
        board.run(f"os.rename({path!r}, {path.removeprefix(_NOTES)!r})")
    if not started and not in_service:
        put(board, f"{_NOTES}/born", b"")
    if slot != confirmed:
        put(board, f"{_NOTES}/trial", slot.encode())
    return slot, files | starters, [path.removeprefix(_NOTES) for path in copied]


def _started_unconfirmed(there: dict[str, str]) -> str | None:
    # main.py comes last: with it, /a is whole and is what main.py starts for want of a note.
    return "a" if "/main.py" in there and _below(there, "a") else None


def _below(there: dict[str, str], slot: str) -> dict[str, str]:
    return {path: value for path, value in there.items() if path.startswith(f"/{slot}/")}


def _is_same(there: dict[str, str], slot: str, built: dict[str, bytes]) -> bool:
    return _below(there, slot) == {f"/{slot}/{n}": sha256(data) for n, data in built.items()}
