"""The VM with 32-bit words, built on request: its objects are as large as the RP2040's."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.micropython.build_tools import VM32_TOOLS, require
from sibiao.micropython.cache import arriving, cached, filling, log_file, scratch
from sibiao.micropython.debian_source import JOBS, PYTHON, Sources, fetch_sources
from sibiao.micropython.private_apt import PrivateApt
from sibiao.micropython.process import run
from sibiao.micropython.runtime import Runtime, Say, quiet
from sibiao.micropython.vm import probe

_ENTRY = "vm32"
_VM = "micropython"


def find_vm32(say: Say = quiet, *, build: bool = True, install_tools: bool = False) -> Runtime:
    """The 32-bit VM: in the cache, else (`build`) built. Raises SibiaoError without one."""
    runtime = _in_cache(say)
    if runtime:
        return runtime
    if not build:
        raise SibiaoError("no 32-bit MicroPython VM: build it with `sibiao micropython vm32`")
    if platform.machine() != "x86_64":
        raise SibiaoError(
            "the 32-bit MicroPython VM can be built on amd64 only, "
            f"and this machine is {platform.machine()}"
        )
    with filling(_ENTRY, say):
        return _in_cache(quiet) or _build(say, install_tools=install_tools)


def _in_cache(say: Say) -> Runtime | None:
    folder = cached(_ENTRY)
    if not folder:
        return None
    try:
        return Runtime(folder / _VM, probe(folder / _VM, bits=32), (folder / "origin").read_text())
    except SibiaoError as error:
        say(f"getting it anew: {error}")
        return None


def _build(say: Say, *, install_tools: bool) -> Runtime:
    log = log_file(_ENTRY)
    require(VM32_TOOLS, "building the 32-bit MicroPython VM", log, say, install=install_tools)
    with scratch(_ENTRY) as room, arriving(_ENTRY) as folder:
        apt = PrivateApt(room, log, say, sources=True)
        built = _compile(fetch_sources(apt, say, log), log, say)
        shutil.copy(built, folder / _VM)
        (folder / "origin").write_text("built from Debian's sources")
        probe(folder / _VM, bits=32)
    return _in_cache(say)


def _compile(sources: Sources, log: Path, say: Say) -> Path:
    say("compiling mbedtls for 32 bits")
    library = sources.mbedtls / "library"
    run(
        ["make", JOBS, "-C", library, "static", "CFLAGS=-m32 -Os"],
        "building mbedtls for 32 bits",
        log,
        env=sources.env,
    )
    say("compiling mpy-cross")
    cross = sources.micropython / "mpy-cross"
    run(["make", JOBS, "-C", cross, PYTHON], "building mpy-cross", log, env=sources.env)
    say("compiling the 32-bit MicroPython VM")
    port = sources.micropython / "ports/unix"
    features = {
        "BUILD": "build-32",
        "MICROPY_FORCE_32BIT": "1",
        "FROZEN_MANIFEST": "../../debian/config/manifest.py",
        "MICROPY_PY_SSL": "1",
        "MICROPY_SSL_AXTLS": "0",
        "MICROPY_SSL_MBEDTLS": "1",
        "MICROPY_PY_BTREE": "0",
        "MICROPY_PY_FFI": "0",
        "MICROPY_PY_JNI": "0",
        # Single precision, as on the RP2040: with doubles every float object would be larger.
        "CFLAGS_EXTRA": f"-I{sources.mbedtls / 'include'} -DMICROPY_FLOAT_IMPL=1",
        # Static: it goes on running where the 32-bit libraries are removed again.
        "LDFLAGS_EXTRA": f"-L{library} -static",
    }
    words = [f"{name}={value}" for name, value in features.items()]
    run(
        ["make", JOBS, "-C", port, PYTHON, *words],
        "building the 32-bit MicroPython VM",
        log,
        env=sources.env,
    )
    return port / "build-32/micropython"
