"""Building the Pico's image from Debian's source packages."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sibiao.micropython.build_tools import PICO_TOOLS, require
from sibiao.micropython.cache import log_file, scratch
from sibiao.micropython.debian_source import (
    JOBS,
    PYTHON,
    Sources,
    fetch_sources,
    percent_teller,
)
from sibiao.micropython.foreign import run_by_own_loader
from sibiao.micropython.private_apt import PrivateApt
from sibiao.micropython.process import run
from sibiao.micropython.runtime import Say

# Programs of the newer release that the SDK's build runs on this machine.
_PROGRAMS = ("pioasm", "picotool")
# The board's own list asks for micropython-lib, which Debian strips; the firmware uses none of it.
_MANIFEST = """\
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
"""


@contextmanager
def build_image(entry: str, say: Say, *, install_tools: bool) -> Iterator[Path]:
    """The built image's file, as long as the block lasts."""
    log = log_file(entry)
    require(PICO_TOOLS, "building the Pico image", log, say, install=install_tools)
    with scratch(entry) as room:
        apt = PrivateApt(room, log, say, sources=True)
        say("downloading the Pico SDK (5 MB)")
        sdk = room / "sdk"
        apt.unpack(apt.fetch(["pico-sdk-source", "tinyusb-source"], dependencies=False), sdk)
        apt.unpack(apt.fetch(list(_PROGRAMS), dependencies=True), sdk)
        for program in _PROGRAMS:
            binary = sdk / "usr/bin" / program
            binary.rename(binary.with_name(f"{program}.real"))
            run_by_own_loader(sdk, f"usr/bin/{program}.real", binary)
        sources = fetch_sources(apt, say, log)
        _link_submodules(sources, sdk)
        yield _compile(sources, sdk, room, log, say)


def _link_submodules(sources: Sources, sdk: Path) -> None:
    """Debian strips MicroPython's submodules; its own packages of them stand in."""
    library = sources.micropython / "lib"
    for name, package in (
        ("pico-sdk", sdk / "usr/src/pico-sdk"),
        ("tinyusb", sdk / "usr/src/tinyusb"),
        ("mbedtls", sources.mbedtls),
    ):
        (library / name).rmdir()
        (library / name).symlink_to(package)
    # The build takes this file's presence for the submodule's.
    (library / "micropython-lib/README.md").touch()


def _compile(sources: Sources, sdk: Path, room: Path, log: Path, say: Say) -> Path:
    say("compiling mpy-cross")
    cross = sources.micropython / "mpy-cross"
    run(["make", JOBS, "-C", cross, PYTHON], "building mpy-cross", log, env=sources.env)
    manifest = room / "manifest.py"
    manifest.write_text(_MANIFEST)
    port, build = sources.micropython / "ports/rp2", room / "build"
    options = {
        "MICROPY_BOARD": "RPI_PICO",
        "MICROPY_BOARD_DIR": port / "boards/RPI_PICO",
        "MICROPY_FROZEN_MANIFEST": manifest,
        "PICO_BUILD_DOCS": "0",
        "Python3_EXECUTABLE": sys.executable,
        "pioasm_DIR": sdk / "usr/lib/cmake/pioasm",
        "picotool_DIR": sdk / "usr/lib/cmake/picotool",
    }
    configure = ["cmake", "-S", port, "-B", build]
    if shutil.which("ninja"):
        configure += ["-G", "Ninja"]
    configure += [f"-D{name}={value}" for name, value in options.items()]
    say("configuring the Pico image")
    run(configure, "configuring the Pico image", log, env=sources.env)
    run(
        ["cmake", "--build", build, JOBS],
        "building the Pico image",
        log,
        env=sources.env,
        on_line=percent_teller(say, "compiling the Pico image"),
    )
    return build / "firmware.uf2"
