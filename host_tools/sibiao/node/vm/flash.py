"""The board's flash as a file on the host: the geometry of a Pico's storage, read and written."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path, PurePosixPath

from littlefs import LittleFS

BLOCK_SIZE = 4096
BLOCK_COUNT = 352
PAGE_SIZE = 256
GEOMETRY = (BLOCK_SIZE, BLOCK_COUNT, PAGE_SIZE)


def _littlefs(mount: bool) -> LittleFS:
    return LittleFS(
        block_size=BLOCK_SIZE, block_count=BLOCK_COUNT, prog_size=PAGE_SIZE, mount=mount
    )


def write_image(path: Path, files: dict[str, bytes]) -> None:
    """A freshly formatted flash with `files` (absolute paths) in it."""
    fs = _littlefs(mount=True)
    for name, content in files.items():
        fs.makedirs(str(PurePosixPath(name).parent), exist_ok=True)
        with fs.open(name, "wb") as file:
            file.write(content)
    path.write_bytes(fs.context.buffer)


def read_image(path: Path) -> dict[str, bytes]:
    """Every file in the flash by its absolute path."""
    return dict(_files(path.read_bytes()))


@lru_cache(maxsize=2)  # it is looked at again and again until it changes
def _files(image: bytes) -> dict[str, bytes]:
    fs = _littlefs(mount=False)
    fs.context.buffer = bytearray(image)
    fs.mount()
    files = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            full = str(PurePosixPath(folder) / name)
            with fs.open(full, "rb") as file:
                files[full] = file.read()
    return files
