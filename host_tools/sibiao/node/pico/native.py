"""A faster build of the emulator's own C sources.

The emulator's wheel is compiled for Python's stable interface, which costs a dictionary look-up
for every emulated memory access. Its C sources come in the same wheel: compiled for this very
Python they run about three times faster. Where no such build is cached, the wheel's own is used.
"""

import hashlib
import importlib.machinery
import importlib.metadata
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs

from sibiao.errors import SibiaoError

_PREFIX = "rp2040py.native."
_SUFFIX = sysconfig.get_config_var("EXT_SUFFIX") or ".so"


def _sources() -> list[Path]:
    distribution = importlib.metadata.distribution("rp2040py")
    files = distribution.files or []
    return sorted(
        Path(str(distribution.locate_file(f)))
        for f in files
        if f.suffix == ".c" and f.parent.name == "native"
    )


def cache_folder() -> Path:
    """Where the build for this Python and this emulator stands, or would stand."""
    digest = hashlib.sha256()
    for source in _sources():
        digest.update(source.name.encode() + source.stat().st_size.to_bytes(8, "little"))
    version = importlib.metadata.version("rp2040py")
    name = f"rp2040py-{version}-{sys.implementation.cache_tag}-{digest.hexdigest()[:12]}"
    return Path(platformdirs.user_cache_dir("sibiao", appauthor=False)) / name


def compiler() -> str | None:
    """A C compiler that can build for this Python, or None."""
    if os.name != "posix":
        return None
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        return None
    for name in ("cc", "gcc", "clang"):
        for folder in os.get_exec_path():
            if os.access(Path(folder) / name, os.X_OK):
                return name
    return None


def is_built() -> bool:
    return (cache_folder() / "complete").exists()


def build(say: Callable[[str], None] = lambda text: None) -> bool:
    """Compile once into the cache. False where there is no compiler: nothing is lost but speed."""
    if is_built():
        return True
    cc = compiler()
    if cc is None:
        return False
    folder = cache_folder()
    sources = _sources()
    if not sources:
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    say(f"compiling the emulator for this Python, once: {len(sources)} files, about a minute")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(lambda source: _compile(cc, source, Path(scratch)), sources))
        (Path(scratch) / "complete").touch()
        folder.mkdir(exist_ok=True)
        # `complete` goes last, so that a build broken off in the middle never counts.
        for built in sorted(Path(scratch).iterdir(), key=lambda f: f.name == "complete"):
            os.replace(built, folder / built.name)
    return True


def _compile(cc: str, source: Path, folder: Path) -> None:
    target = folder / (source.stem + _SUFFIX)
    include = sysconfig.get_paths()["include"]
    shared = (
        ["-bundle", "-undefined", "dynamic_lookup"] if sys.platform == "darwin" else ["-shared"]
    )
    command = [cc, "-O2", *shared, "-fPIC", "-w", f"-I{include}", "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SibiaoError(
            f"compiling {source.name} of the emulator failed: {done.stderr.strip()[-300:]}; "
            "set SIBIAO_PICO_NATIVE=0 to use the build that came with the package"
        )


class _Finder:
    """Takes the emulator's native modules from the cache; everything else is as always."""

    folder: Path

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if not name.startswith(_PREFIX):
            return None
        built = cls.folder / (name.removeprefix(_PREFIX) + _SUFFIX)
        if not built.exists():
            return None
        loader = importlib.machinery.ExtensionFileLoader(name, str(built))
        return importlib.machinery.ModuleSpec(name, loader, origin=str(built))


def install() -> bool:
    """Prefer the cached build. Must come before the first import of the emulator."""
    if os.environ.get("SIBIAO_PICO_NATIVE") == "0" or not is_built():
        return False
    if any(name.startswith(_PREFIX) for name in sys.modules):
        return False
    _Finder.folder = cache_folder()
    sys.meta_path.insert(0, _Finder)
    return True
