"""Flashing: into the idle slot, read back, one trial start, and proof from the running node."""

from __future__ import annotations

import ast
import time
from dataclasses import dataclass

from sibiao.board import identity, slots
from sibiao.board.copy import Progress, compare, copy, differing, put, sha256
from sibiao.board.prompt import Prompt, prompt, quiet_prompt
from sibiao.config.build import slot_files, starter_files
from sibiao.config.constants import config_source
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError

_OLDEST = [1, 25]
_MPY = 6
# mcu -> (sys.platform, what the machine's name contains)
_CONFIRM_S = 90
_ASK_AGAIN_S = 0.5
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
) -> Flashed:
    """Put a community on the board at `port`. SibiaoError leaves the confirmed slot as it was.

    `in_service`: the board has counted before, so if it holds no records now, they were lost: it
    stays silent until they are restored. Otherwise an empty board is a new one.

    A confirmed slot that holds all of it already is started again, nothing more.
    """
    progress("compiling", 0, 0)
    built = slot_files(loaded)  # errors of the configuration come before the board is touched
    progress("asking for a prompt", 0, 0)
    quiet_prompt(port, lambda text: progress(text, 0, 0))
    with prompt(port) as board:
        found = slots.look(board)
        _check(found, loaded, port)
        progress("comparing", 0, 0)
        slot, files, copied = _bring(board, found.confirmed, loaded, built, in_service, progress)
        progress(f"starting slot {slot}", 0, 0)
    report = _proof(port, slot, found.confirmed, loaded, progress)
    return Flashed(
        slot, copied, sum(len(files[p]) for p in copied), len(files) - len(copied), report
    )


def _check(found: slots.Look, loaded: Loaded, port: str) -> None:
    mcu, chip = loaded.board.mcu, loaded.chip
    if found.platform != chip.platform or found.machine.split()[-1:] != [chip.machine]:
        raise SibiaoError(
            f"community {loaded.name!r} is for board {loaded.community.board!r} ({mcu}), and on "
            f"{port} there is: {found.machine or found.platform}; choose another port or community"
        )
    if found.implementation != "micropython" or found.version[:2] < _OLDEST or found.mpy != _MPY:
        version = ".".join(map(str, found.version))
        raise SibiaoError(
            f"the board on {port} runs {found.implementation} {version}, and MicroPython "
            f"{'.'.join(map(str, _OLDEST))} or later 1.x is needed: put a new image on it first"
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


def _proof(
    port: str, slot: str, confirmed: str | None, loaded: Loaded, progress: Progress
) -> dict:
    # The running node names its slot, configuration and address; one whose trial is not over yet
    # is asked again.
    progress("waiting for the node's own report", 0, 0)
    errors: list[str] = []
    end = time.monotonic() + _CONFIRM_S
    report = None
    while (left_s := end - time.monotonic()) > 0:
        report = identity.ask(port, left_s, errors.append)
        if report is None or not report.get("trial"):
            break
        progress(f"slot {slot} is on trial", 0, 0)
        time.sleep(_ASK_AGAIN_S)
    said = f"; its console said last: {errors[-1]}" if errors else ""
    if report is None:
        old = f": it then starts slot {confirmed}" if confirmed and confirmed != slot else ""
        raise SibiaoError(
            f"the node on {port} did not report within {_CONFIRM_S} s of its start{said}; "
            f"unplug it and plug it in again{old}"
        )
    if report.get("slot") != slot or report.get("trial"):
        why = report.get("fault") or "it does not say why"
        raise SibiaoError(
            f"the new slot did not pass its trial start ({why}), and the board on {port} runs "
            f"slot {report.get('slot')} as before{said}"
        )
    _compare_report(report, loaded, port)
    return report


def _compare_report(report: dict, loaded: Loaded, port: str) -> None:
    digest = ast.literal_eval(config_source(loaded).rpartition("DIGEST = ")[2])
    community = loaded.community
    for key, wanted in (
        ("config", digest),
        ("serial", community.serial),
        ("address", community.address),
    ):
        if report.get(key) != wanted:
            raise SibiaoError(
                f"the node on {port} reports {key} {report.get(key)!r} instead of {wanted!r}: "
                "is another board on this port now? Repeat"
            )
