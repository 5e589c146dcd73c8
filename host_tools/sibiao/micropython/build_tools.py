"""The programs a build needs: which are missing, and installing them where that is asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.micropython.process import run
from sibiao.micropython.runtime import Say


@dataclass(frozen=True)
class Tool:
    """A Debian package and how to see that what is needed of it is there."""

    package: str
    present: Callable[[], bool]


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _library(compiler: str, file: str) -> Callable[[], bool]:
    def present() -> bool:
        words = compiler.split()
        if not shutil.which(words[0]):
            return False
        # A compiler that does not have the file answers with the bare name.
        asked = subprocess.run(
            [*words, f"-print-file-name={file}"], capture_output=True, text=True, check=False
        )
        return Path(asked.stdout.strip()).is_absolute()

    return present


HOST_TOOLS = (
    Tool("gcc", _program("gcc")),
    Tool("libc6-dev", _library("gcc", "crt1.o")),
    Tool("make", _program("make")),
    Tool("dpkg-dev", _program("dpkg-source")),
)
PICO_TOOLS = (
    *HOST_TOOLS,
    Tool("cmake", _program("cmake")),
    Tool("gcc-arm-none-eabi", _program("arm-none-eabi-gcc")),
    Tool("libnewlib-arm-none-eabi", _library("arm-none-eabi-gcc", "libc.a")),
    Tool("libstdc++-arm-none-eabi-newlib", _library("arm-none-eabi-gcc", "libstdc++.a")),
)
VM32_TOOLS = (*HOST_TOOLS, Tool("gcc-multilib", _library("gcc -m32", "crt1.o")))


def require(tools: tuple[Tool, ...], what: str, log: Path, say: Say, *, install: bool) -> None:
    """Return when all `tools` are there; `install` gets the missing ones with apt."""
    packages = _missing(tools)
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    by_hand = f"sudo {' '.join(command)}"
    if not install:
        raise SibiaoError(f"{what} needs tools that are not here; install them: {by_hand}")
    as_root = _as_root(by_hand)
    say(f"installing {', '.join(packages)} with apt (minutes, for a compiler)")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    run([*as_root, "apt-get", "--quiet", "update"], "reading the package lists", log, env=env)
    # Another apt may be at work on a machine that has just started.
    command[1:1] = ["--quiet", "-o", "DPkg::Lock::Timeout=300"]
    run([*as_root, *command], f"installing {', '.join(packages)}", log, env=env)
    still = _missing(tools)
    if still:
        raise SibiaoError(
            f"{what}: {', '.join(still)} installed, yet not found on PATH (log: {log})"
        )


def _missing(tools: tuple[Tool, ...]) -> list[str]:
    return [tool.package for tool in tools if not tool.present()]


def _as_root(by_hand: str) -> list[str]:
    if not shutil.which("apt-get"):
        raise SibiaoError(f"no apt on this machine; install what `{by_hand}` would install")
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if asked.returncode == 0:
            return ["sudo", "-n"]
    raise SibiaoError(f"installing needs root, and sudo would ask for a password; run: {by_hand}")
