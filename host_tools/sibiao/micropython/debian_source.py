"""Debian's source of MicroPython, made ready to build: a place of its own and a fixed version."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.micropython.private_apt import SUITE, PrivateApt
from sibiao.micropython.process import run
from sibiao.micropython.runtime import Say

JOBS = f"-j{os.cpu_count() or 1}"
PYTHON = f"PYTHON={sys.executable}"


@dataclass(frozen=True)
class Sources:
    """The unpacked sources, and what the build's programs must find in their environment."""

    micropython: Path
    mbedtls: Path
    env: dict[str, str]


def fetch_sources(apt: PrivateApt, say: Say, log: Path) -> Sources:
    """MicroPython and the mbedtls that Debian strips from it."""
    say(f"downloading the sources of MicroPython and mbedtls of Debian {SUITE} (9 MB)")
    micropython = apt.source("micropython")
    mbedtls = apt.source("mbedtls")
    # MicroPython's makefiles break at one.
    if " " in str(micropython):
        raise SibiaoError(
            f"cannot build in {micropython}: set SIBIAO_CACHE to a path without blanks"
        )
    version = re.fullmatch(r"micropython-(\d+\.\d+\.\d+).*", micropython.name)
    if not version:
        raise SibiaoError(f"Debian's MicroPython source names no version: {micropython.name}")
    changed_s = run(
        ["dpkg-parsechangelog", "-l", micropython / "debian/changelog", "-S", "Timestamp"],
        "reading the changelog of Debian's MicroPython",
        log,
    )
    # The same sources give the same bytes, and a git repository around the cache has no say.
    env = {
        "MICROPY_GIT_TAG": f"v{version[1]}",
        "SOURCE_DATE_EPOCH": changed_s.strip(),
        "PYTHONHASHSEED": "0",  # the table of modules is written in a set's order
    }
    return Sources(micropython, mbedtls, env)


def percent_teller(say: Say, what: str) -> Callable[[str], None]:
    """Tells of every tenth that make's or ninja's output shows to be done."""
    told = 0

    def on_line(line: str) -> None:
        nonlocal told
        found = re.match(r"\[\s*(?:(\d+)%|(\d+)/(\d+))\]", line)
        if not found:
            return
        percent, step, steps = (int(part) if part else 0 for part in found.groups())
        tenth = (percent or 100 * step // max(steps, 1)) // 10
        if tenth > told:
            told = tenth
            say(f"{what}: {tenth * 10} %")

    return on_line
