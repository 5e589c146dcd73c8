"""The cache: one folder an entry, there as a whole or not at all, filled by one run at a time."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from sibiao.errors import SibiaoError
from sibiao.micropython.runtime import Say


def cache_root() -> Path:
    """The user's cache folder for Sibiao; `SIBIAO_CACHE` names another."""
    named = os.environ.get("SIBIAO_CACHE")
    return (
        Path(named).expanduser().absolute()
        if named
        else Path(platformdirs.user_cache_dir("sibiao"))
    )


def cached(name: str) -> Path | None:
    """The entry's folder, or None while it is not there."""
    folder = cache_root() / name
    return folder if folder.is_dir() else None


def log_file(name: str) -> Path:
    """Where the output of the programs that fill entry `name` goes; it outlives a failed run."""
    return _made(cache_root() / "log") / f"{name}.log"


@contextmanager
def filling(name: str, say: Say) -> Iterator[None]:
    """Hold the entry's lock. Look again for the entry inside: another run may have filled it."""
    lock = FileLock(_made(cache_root() / "lock") / name)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say(f"waiting for another sibiao that is getting {name}")
        lock.acquire()
    try:
        # Only a run that was killed leaves these: the lock says that nobody else is at work.
        for left in cache_root().glob(f".{name}.*"):
            shutil.rmtree(left)
        yield
    finally:
        lock.release()


@contextmanager
def arriving(name: str) -> Iterator[Path]:
    """A new folder that becomes entry `name` when the block ends well and vanishes when not.

    Call it inside `filling(name)`.
    """
    with scratch(name) as room:
        new, old, entry = room / "new", room / "old", cache_root() / name
        new.mkdir()
        yield new
        if entry.exists():
            entry.rename(old)
        new.rename(entry)


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder to work in while entry `name` is filled; it vanishes when the block ends."""
    room = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=_made(cache_root())))
    try:
        yield room
    finally:
        shutil.rmtree(room)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SibiaoError(
            f"cannot make the cache folder {folder} ({error.strerror}); "
            "set SIBIAO_CACHE to a folder that can be written"
        ) from error
    return folder
