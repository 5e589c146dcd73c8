"""The MicroPython VM (Unix port): one on PATH, else Debian's, unpacked into the cache."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.micropython.cache import arriving, cached, filling, log_file, scratch
from sibiao.micropython.foreign import run_by_own_loader
from sibiao.micropython.private_apt import SUITE, PrivateApt
from sibiao.micropython.runtime import (
    OLDEST,
    Runtime,
    Say,
    quiet,
    version_text,
    version_tuple,
)

_VM = "micropython"
_ANSWER_LIMIT_S = 20

# What the bench and the tests import, as the board has it.
_NEEDED = {
    "array": ["array"],
    "asyncio": ["StreamReader", "run"],
    "binascii": ["crc32"],
    "cryptolib": ["aes"],
    "hashlib": ["sha256"],
    "json": ["dumps"],
    "machine": [],
    "micropython": ["const", "heap_lock", "schedule"],
    "select": ["poll"],
    "struct": ["unpack_from"],
    "time": ["ticks_us"],
    "vfs": ["VfsLfs2"],
}
_PROBE = """
import sys
needed = {needed}
missing = []
for name in needed:
    try:
        module = __import__(name)
    except ImportError:
        missing.append(name)
        continue
    for attribute in needed[name]:
        if not hasattr(module, attribute):
            missing.append(name + "." + attribute)
bits = 1
while sys.maxsize >> bits:
    bits += 1
import json
print(json.dumps([sys.implementation[0], list(sys.implementation[1])[:3], bits + 1, missing]))
"""


def find_vm(say: Say = quiet, *, download: bool = True) -> Runtime:
    """The VM: on PATH, in the cache, or (`download`) from Debian; SibiaoError without one."""
    refusals = []
    for path in _on_path():
        try:
            return Runtime(path, probe(path), "on PATH")
        except SibiaoError as error:
            say(f"passed over: {error}")
            refusals.append(str(error))
    name = f"vm-{platform.machine()}"
    try:
        runtime = _in_cache(name, say)
        if runtime:
            return runtime
        if not download:
            raise SibiaoError("none is in the cache (`sibiao micropython vm` gets one)")
        with filling(name, say):
            return _in_cache(name, quiet) or _from_debian(name, say)
    except SibiaoError as error:
        on_path = "; ".join(refusals) or "none on PATH"
        raise SibiaoError(
            f"no MicroPython VM: {on_path}; {error}. "
            f"Put a micropython {version_text(OLDEST[:2])} or newer (Unix port) on PATH."
        ) from error


def probe(path: Path, *, bits: int | None = None) -> str:
    """Run the VM and ask what it is: its version, or a SibiaoError with what is wrong with it."""
    try:
        done = subprocess.run(
            [str(path), "-c", _PROBE.format(needed=_NEEDED)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_LIMIT_S,
            check=False,
            env={**os.environ, "MICROPYPATH": ".frozen"},
        )
        name, version, has_bits, missing = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise SibiaoError(f"{path} did not answer within {_ANSWER_LIMIT_S} s") from error
    except OSError as error:
        raise SibiaoError(f"{path} does not start ({error.strerror})") from error
    except ValueError as error:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise SibiaoError(f"{path} does not run MicroPython code (it said: {said[-1]})") from error
    text = version_text(version)
    if name != "micropython" or version_tuple(text) < OLDEST:
        raise SibiaoError(f"{path} is {name} {text}, older than {version_text(OLDEST)}")
    if missing:
        raise SibiaoError(f"{path} ({text}) was built without {', '.join(missing)}")
    if bits and has_bits != bits:
        raise SibiaoError(f"{path} ({text}) has {has_bits}-bit words, not {bits}")
    return text


def _on_path() -> list[Path]:
    folders = dict.fromkeys(os.environ.get("PATH", os.defpath).split(os.pathsep))
    files = [Path(folder).absolute() / "micropython" for folder in folders if folder]
    # os.path answers False, where pathlib raises, for a PATH folder that may not be entered.
    return [file for file in files if os.path.isfile(file) and os.access(file, os.X_OK)]


def _in_cache(name: str, say: Say) -> Runtime | None:
    folder = cached(name)
    if not folder:
        return None
    try:
        return Runtime(folder / _VM, probe(folder / _VM), (folder / "origin").read_text())
    except SibiaoError as error:
        say(f"getting it anew: {error}")
        return None


def _from_debian(name: str, say: Say) -> Runtime:
    log = log_file(name)
    with scratch(name) as work, arriving(name) as folder:
        apt = PrivateApt(work, log, say)
        say(f"downloading MicroPython and its libraries of Debian {SUITE} (4 MB)")
        apt.unpack(apt.fetch(["micropython"], dependencies=True), folder / "root")
        run_by_own_loader(folder / "root", "usr/bin/micropython", folder / _VM)
        (folder / "origin").write_text(f"Debian {SUITE}, unpacked privately")
        probe(folder / _VM)
    return _in_cache(name, say)
