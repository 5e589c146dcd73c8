"""A faster build of the emulator's own C sources.

The emulator's wheel is compiled for Python's stable interface, which costs a dictionary look-up
for every emulated memory access. Its C sources come in the same wheel: compiled for this very
Python they run four times faster. Where no such build is cached, the wheel's own is used.
"""

import hashlib
import importlib.machinery
import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.micropython.cache import arriving, cached, filling
from sibiao.micropython.runtime import Say, quiet

_PREFIX = "rp2040py.native."
_SUFFIX = sysconfig.get_config_var("EXT_SUFFIX") or ".so"


def _sources() -> list[Path]:
    distribution = importlib.metadata.distribution("rp2040py")
    return sorted(
        Path(str(distribution.locate_file(file)))
        for file in distribution.files or []
        if file.suffix == ".c" and file.parent.name == "native"
    )


def _entry() -> str:
    """The cache entry for this Python and this emulator."""
    version = importlib.metadata.version("rp2040py")
    build = hashlib.sha256(f"{sys.version} {_SUFFIX} {version}".encode()).hexdigest()[:12]
    return f"rp2040py-{version}-{sys.implementation.cache_tag}-{build}"


def compiler() -> str | None:
    """A C compiler that can build for this Python, or None."""
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    if os.name != "posix" or not header.exists():
        return None
    return next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)


def is_built() -> bool:
    return cached(_entry()) is not None


def build(say: Say = quiet) -> bool:
    """Compile once into the cache. False where there is no compiler: nothing is lost but speed."""
    if is_built():
        return True
    sources = _sources()
    cc = compiler()
    if cc is None or not sources:
        return False
    with filling(_entry(), say):
        if is_built():
            return True
        say("compiling the emulator for this Python, once (30 s): it then runs 4 times faster")
        with arriving(_entry()) as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(partial(_compile, cc, folder), sources))
    return True


def _compile(cc: str, folder: Path, source: Path) -> None:
    target = folder / (source.stem + _SUFFIX)
    shared = ["-shared", "-fPIC"]
    if sys.platform == "darwin":
        shared = ["-bundle", "-undefined", "dynamic_lookup"]
    include = sysconfig.get_paths()["include"]
    command = [cc, "-O2", "-w", *shared, f"-I{include}", "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SibiaoError(
            f"compiling {source.name} of the emulator failed: {done.stderr.strip()[-300:]}; "
            "SIBIAO_PICO_NATIVE=0 does without"
        )


class _Finder:
    """Takes the emulator's native modules from the cache; everything else is as always."""

    folder: Path

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        built = cls.folder / (name.removeprefix(_PREFIX) + _SUFFIX)
        if not name.startswith(_PREFIX) or not built.exists():
            return None
        loader = importlib.machinery.ExtensionFileLoader(name, str(built))
        return importlib.machinery.ModuleSpec(name, loader, origin=str(built))


def install() -> bool:
    """Prefer the cached build. Must come before the first import of the emulator."""
    folder = cached(_entry())
    if folder is None or os.environ.get("SIBIAO_PICO_NATIVE") == "0":
        return False
    if any(name.startswith(_PREFIX) for name in sys.modules):
        return False
    _Finder.folder = folder
    sys.meta_path.insert(0, _Finder)
    return True
