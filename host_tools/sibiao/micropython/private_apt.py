"""Debian packages without root and without touching the system's apt: a state of its own.

Only the mirror, the proxy and the trust are the machine's; the suite is ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.micropython.mirror import Mirror, debian_mirrors, suites_in_use
from sibiao.micropython.process import run
from sibiao.micropython.runtime import Say

SUITE = "trixie"
_ARCHIVE_KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)


class PrivateApt:
    """apt working in `folder`, looking at Debian's suite `trixie` only."""

    def __init__(self, folder: Path, log: Path, say: Say, *, sources: bool = False):
        self._folder = folder
        self._log = log
        self._say = say
        self._types = "deb deb-src" if sources else "deb"
        mirrors = machine_mirrors()
        self._write_configuration()
        self._open(mirrors)

    def fetch(self, packages: list[str], *, dependencies: bool) -> list[Path]:
        """Download `packages`, with all they need to run where asked; the .deb files."""
        into = self._folder / "debs"
        shutil.rmtree(into, ignore_errors=True)
        (into / "partial").mkdir(parents=True)
        what = f"downloading {', '.join(packages)} of Debian {SUITE}"
        if dependencies:
            # Nothing counts as installed here, so this is the whole closure down to libc.
            words = ["install", "--yes", "--download-only", "--no-install-recommends"]
            self._apt_get(what, *words, "-o", f"Dir::Cache::archives={into}", *packages)
        else:
            self._apt_get(what, "download", *packages, cwd=into)
        return sorted(into.glob("*.deb"))

    def unpack(self, debs: list[Path], into: Path) -> None:
        for deb in debs:
            run(["dpkg-deb", "--extract", deb, into], f"unpacking {deb.name}", self._log)

    def source(self, package: str) -> Path:
        """Download a source package, unpack and patch it; its folder."""
        into = self._folder / "sources" / package
        into.mkdir(parents=True)
        what = f"downloading the source of {package} of Debian {SUITE}"
        self._apt_get(what, "source", package, cwd=into)
        return next(path for path in into.iterdir() if path.is_dir())

    def _apt_get(self, what: str, *words: str, cwd: Path | None = None) -> str:
        env = {"APT_CONFIG": str(self._folder / "apt.conf"), "DEBIAN_FRONTEND": "noninteractive"}
        return run(["apt-get", "--quiet", *words], what, self._log, cwd=cwd, env=env)

    def _open(self, mirrors: list[Mirror]) -> None:
        refusals = []
        for mirror in mirrors:
            self._say(f"reading Debian {SUITE}'s package list from {mirror.uri}")
            stanza = [
                f"Types: {self._types}",
                f"URIs: {mirror.uri}",
                f"Suites: {SUITE}",
                "Components: main",
                "Targets: Packages Sources",
                *(f"{name}: {value}" for name, value in mirror.options),
            ]
            (self._folder / "etc/parts/debian.sources").write_text("\n".join(stanza) + "\n")
            try:
                self._apt_get(f"reading {mirror.uri}", "update")
                self._apt_get(f"looking for micropython at {mirror.uri}", "--print-uris",
                              "download", "micropython")  # fmt: skip
            except SibiaoError as error:
                refusals.append(str(error))
                continue
            return
        raise SibiaoError(f"no Debian mirror of this machine gave {SUITE}: {'; '.join(refusals)}")

    def _write_configuration(self) -> None:
        folder = self._folder
        for name in ("etc/parts", "etc/conf", "lists/partial", "cache/archives/partial", "log"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "etc/preferences.d").mkdir(exist_ok=True)
        (folder / "status").touch()
        settings = {
            **_machine_trust(),
            "Dir::Etc": folder / "etc",
            "Dir::Etc::parts": "conf",
            "Dir::Etc::sourcelist": "no.list",
            "Dir::Etc::sourceparts": "parts",
            "Dir::State": folder,
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder / "cache",
            "Dir::Log": folder / "log",
            "Debug::NoLocking": "true",
            "APT::Update::Error-Mode": "any",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "Acquire::http::Timeout": "20",
            "Acquire::https::Timeout": "20",
        }
        if os.geteuid() == 0:
            # apt's own unprivileged user cannot reach a folder below root's home.
            settings["APT::Sandbox::User"] = "root"
        lines = [*_machine_transport(), *(f'{key} "{value}";' for key, value in settings.items())]
        (folder / "apt.conf").write_text("\n".join(lines) + "\n")


def machine_mirrors() -> list[Mirror]:
    if not shutil.which("apt-get"):
        raise SibiaoError("this machine has no apt to get Debian packages with")
    found = _apt_config(
        "shell", "LIST", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d"
    )
    paths = dict(line.split("=", 1) for line in found.splitlines())
    where = (Path(paths["LIST"].strip("'")), Path(paths["PARTS"].strip("'")))
    mirrors = debian_mirrors(*where)
    if not mirrors:
        suites = ", ".join(suites_in_use(*where)) or "nothing"
        raise SibiaoError(f"this machine's apt names no Debian mirror (its suites: {suites})")
    keyring = next((file for file in _ARCHIVE_KEYRINGS if file.is_file()), None)
    return [way for mirror in mirrors for way in _ways_to_trust(mirror, keyring)]


def _ways_to_trust(mirror: Mirror, keyring: Path | None) -> list[Mirror]:
    """As the machine does, then by Debian's keyring: one release's key need not sign the next."""
    own = dict(mirror.options)
    if not keyring:
        return [mirror]
    by_keyring = replace(mirror, options=tuple({**own, "signed-by": str(keyring)}.items()))
    ways = [mirror, by_keyring] if own.keys() & {"signed-by", "trusted"} else [by_keyring]
    return list(dict.fromkeys(ways))


def _machine_trust() -> dict[str, str]:
    """Keys and passwords of the machine's mirrors stay where they are."""
    names = ("trusted/f", "trustedparts/d", "netrc/f", "netrcparts/d")
    words = [word for name in names for word in (name.split("/")[0], f"Dir::Etc::{name}")]
    found = dict(line.split("=", 1) for line in _apt_config("shell", *words).splitlines())
    return {f"Dir::Etc::{name}": path.strip("'") for name, path in found.items()}


def _machine_transport() -> list[str]:
    """Proxy, certificates and the like, and nothing else: the machine's apt hooks must not run."""
    wanted = ("Acquire::",)
    unwanted = ("Acquire::IndexTargets", "Acquire::Languages")
    return [
        line
        for line in _apt_config("dump").splitlines()
        if line.startswith(wanted) and not line.startswith(unwanted)
    ]


def _apt_config(*words: str) -> str:
    done = subprocess.run(["apt-config", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SibiaoError(f"apt-config {words[0]} failed: {done.stderr.strip()}")
    return done.stdout
