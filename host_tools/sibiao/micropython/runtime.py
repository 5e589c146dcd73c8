"""What the finders answer, and how they tell what they are doing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sibiao.errors import SibiaoError

Say = Callable[[str], None]

# The firmware uses nothing newer; nothing older is tested.
OLDEST = (1, 25, 0)


@dataclass(frozen=True)
class Runtime:
    """A MicroPython that was seen to be whole: the VM answered, the image was checked."""

    path: Path
    version: str
    origin: str


def version_tuple(version: str) -> tuple[int, int, int]:
    """`1.25.0`, `v1.26.0-preview.12` or `1.25` as numbers; (0, 0, 0) for what is no version."""
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", version)
    if not found:
        return (0, 0, 0)
    major, minor, patch = found.groups(default="0")
    return (int(major), int(minor), int(patch))


def version_text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def version_in(path: Path, image: bytes) -> str:
    """The version of the MicroPython in an image for a chip; SibiaoError if it is too old."""
    found = re.search(rb"MicroPython v?(\d+\.\d+[^ \0]*) on \d", image)
    if not found:
        raise SibiaoError(f"{path} is an image for that chip, but there is no MicroPython in it")
    version = found[1].decode("ascii", "replace")
    if version_tuple(version) < OLDEST:
        raise SibiaoError(
            f"{path} is MicroPython {version}; {version_text(OLDEST[:2])} or newer is needed"
        )
    return version


def quiet(_message: str) -> None:
    """A `Say` for callers who want to hear nothing."""
