"""The Pico's MicroPython image: the user's file, the cache, the maker's site, else built."""

from __future__ import annotations

import http.client
import os
import shutil
import time
import urllib.request
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.micropython.build_pico import build_image
from sibiao.micropython.cache import arriving, cached, filling, scratch
from sibiao.micropython.runtime import Runtime, Say, quiet, version_in
from sibiao.micropython.uf2 import RP2040, read_uf2

# Two entries: whoever wants an image quickly must not wait for a build that is under way.
_BUILT = "pico-image-built"
_DOWNLOADED = "pico-image-downloaded"
_FILE = "RPI_PICO.uf2"
_MAKER = "https://micropython.org/resources/firmware/RPI_PICO-20250415-v1.25.0.uf2"
_CONNECT_TIMEOUT_S = 5
_DOWNLOAD_LIMIT_S = 60
_LARGEST_BYTES = 32 * 1024 * 1024  # 16 MB of flash, half of each UF2 block being payload


def find_pico_image(say: Say = quiet, *, download: bool = True, build: bool = True) -> Runtime:
    """The image: `SIBIAO_PICO_IMAGE`, the cache, micropython.org (`download`), else `build`.

    With both off it answers at once. Raises SibiaoError where none is to be had.
    """
    named = os.environ.get("SIBIAO_PICO_IMAGE")
    if named:
        path = Path(named).expanduser().absolute()
        return Runtime(path, check_pico_image(path), "SIBIAO_PICO_IMAGE")
    for entry in (_BUILT, _DOWNLOADED):
        image = _in_cache(entry, say)
        if image:
            return image
    refusals = [] if download or build else ["none is in the cache"]
    for wanted, entry, way in ((download, _DOWNLOADED, _download), (build, _BUILT, _build)):
        if not wanted:
            continue
        try:
            with filling(entry, say):
                return _in_cache(entry, quiet) or way(say)
        except SibiaoError as error:
            say(str(error))
            refusals.append(str(error))
    raise SibiaoError(
        f"no Pico image: {'; '.join(refusals)}. Name one with SIBIAO_PICO_IMAGE=FILE.uf2, "
        "or build one with `sibiao micropython image --build`."
    )


def build_pico_image(say: Say = quiet, *, install_tools: bool = False) -> Runtime:
    """Build the image from Debian's sources, whatever is in the cache, and keep it there."""
    with filling(_BUILT, say):
        return _build(say, install_tools)


def check_pico_image(path: Path, family: int = RP2040) -> str:
    """The MicroPython version of a whole image; SibiaoError with what is wrong with it."""
    return version_in(path, read_uf2(path, family).content)


def _in_cache(entry: str, say: Say) -> Runtime | None:
    folder = cached(entry)
    if not folder:
        return None
    path = folder / _FILE
    try:
        return Runtime(path, check_pico_image(path), (folder / "origin").read_text())
    except SibiaoError as error:
        say(f"getting it anew: {error}")
        return None


def _keep(image: Path, entry: str, origin: str) -> Runtime:
    version = check_pico_image(image)
    with arriving(entry) as folder:
        shutil.copyfile(image, folder / _FILE)
        (folder / "origin").write_text(origin)
    return Runtime(cached(entry) / _FILE, version, origin)


def _build(say: Say, install_tools: bool = False) -> Runtime:
    with build_image(_BUILT, say, install_tools=install_tools) as image:
        return _keep(image, _BUILT, "built from Debian's sources")


def _download(say: Say) -> Runtime:
    say(f"downloading the Pico image from {_MAKER}")
    give_up = time.monotonic() + _DOWNLOAD_LIMIT_S
    with scratch(_DOWNLOADED) as room:
        image = room / _FILE
        try:
            with (
                urllib.request.urlopen(_MAKER, timeout=_CONNECT_TIMEOUT_S) as answer,
                image.open("wb") as file,
            ):
                while piece := answer.read(64 * 1024):
                    file.write(piece)
                    if time.monotonic() > give_up or file.tell() > _LARGEST_BYTES:
                        raise TimeoutError(f"not whole after {file.tell()} bytes")
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise SibiaoError(f"{_MAKER} could not be downloaded ({reason})") from error
        return _keep(image, _DOWNLOADED, "downloaded from micropython.org")
