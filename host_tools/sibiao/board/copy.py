"""Files onto a board: only what differs, each one whole or not at all, room seen to beforehand."""

from __future__ import annotations

import binascii
import hashlib
import posixpath
from collections.abc import Callable, Iterator

from sibiao.board import slots
from sibiao.board.prompt import Prompt
from sibiao.errors import SibiaoError

Progress = Callable[[str, int, int], None]  # what, bytes done, bytes in all

_SPARE_BYTES = 64 * 1024  # left for records and for littlefs to move blocks about
# A piece is a block of the file system: none is begun by one command and filled by the next.
_PIECE_BYTES = slots.BLOCK_BYTES
# As much source as one command takes: fewer waits for the board's answer, and still little of its
# heap; and no longer than it may take with the slowest flash.
_COMMAND_BYTES = 6000
_COMMAND_FILES = 8

_PART = "/slots/part"
# A file is written beside its place and renamed, so that a cable pulled in the middle leaves the
# old one whole.
_PUT = f"""
def _put(text, mode, path):
    with open({_PART!r}, mode) as f: f.write(binascii.a2b_base64(text))
    if path: os.rename({_PART!r}, path)
def _remove(p):
    try: os.remove(p)
    except OSError as e:
        if e.errno != 2: raise
def _folder(p):
    try: os.mkdir(p)
    except OSError as e:
        if e.errno != 17: raise
"""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def differing(files: dict[str, bytes], there: dict[str, str]) -> list[str]:
    """The paths whose content on the board is not what it should be."""
    return [path for path, data in files.items() if there.get(path) != sha256(data)]


def copy(
    board: Prompt, files: dict[str, bytes], there: dict[str, str], progress: Progress
) -> list[str]:
    """Bring `there` (path -> SHA-256) to `files`; what is not among them goes. What was copied."""
    board.run(_PUT)
    # A slot that is being written must not be started.
    for path in ["/slots/trial", _PART, *(there.keys() - files.keys())]:
        board.run(f"_remove({path!r})")
    changed = differing(files, there)
    _check_room(board, files, changed, there)
    for folder in _folders([_PART, *(path for path in changed if path not in there)]):
        board.run(f"_folder({folder!r})")
    total = sum(len(files[path]) for path in changed)
    done = 0
    progress("copying", done, total)
    for commands, size, path in _commands(files, changed):
        board.run(commands)
        done += size
        progress(f"copying {path}", done, total)
    return changed


def put(board: Prompt, path: str, data: bytes) -> None:
    """One small file. Needs `copy` before it in the same session."""
    board.run(_put(data, "wb", path))


def compare(board: Prompt, slot: str, files: dict[str, bytes]) -> None:
    """Read everything back: the slot must hold `files`, and nothing else."""
    beside = [path for path in files if not path.startswith(f"/{slot}/")]
    there = slots.hashes(board, [f"/{slot}"], beside)
    wrong = sorted({*differing(files, there), *(there.keys() - files.keys())})
    if wrong:
        raise SibiaoError(
            f"the board on {board.port} holds other bytes than were sent ({', '.join(wrong)}); "
            "its confirmed slot runs on: repeat, and replace the board if it happens again"
        )


def _check_room(board: Prompt, files: dict, changed: list[str], there: dict) -> None:
    # One that replaces another needs its blocks for a moment only.
    new = sum(_on_flash(files[path]) for path in changed if path not in there)
    needed = new + max((_on_flash(files[path]) for path in changed), default=0) + _SPARE_BYTES
    free = slots.free_bytes(board)
    if changed and free < needed:
        raise SibiaoError(
            f"the file system of the board on {board.port} has {free} bytes free and {needed} "
            "are needed; its confirmed slot runs on: remove files that are not Sibiao's "
            "(with mpremote) and repeat"
        )


def _put(piece: bytes, mode: str, path: str | None) -> str:
    text = binascii.b2a_base64(piece, newline=False)
    return f"_put({text!r}, {mode!r}, {path!r})"


def _on_flash(data: bytes) -> int:
    return -(-len(data) // slots.BLOCK_BYTES) * slots.BLOCK_BYTES


def _folders(paths: list[str]) -> list[str]:
    folders = set()
    for path in paths:
        while (path := posixpath.dirname(path)) != "/":
            folders.add(path)
    return sorted(folders)


def _commands(files: dict, paths: list[str]) -> Iterator[tuple[str, int, str]]:
    # (commands to run at once, bytes of files in them, the last path)
    lines, size = [], 0
    for path in paths:
        data = files[path]
        starts = range(0, max(len(data), 1), _PIECE_BYTES)
        for at in starts:
            piece = data[at : at + _PIECE_BYTES]
            place = path if at == starts[-1] else None
            lines.append(_put(piece, "wb" if at == 0 else "ab", place))
            size += len(piece)
            if sum(map(len, lines)) > _COMMAND_BYTES or len(lines) == _COMMAND_FILES:
                yield "\n".join(lines), size, path
                lines, size = [], 0
    if lines:
        yield "\n".join(lines), size, paths[-1]
