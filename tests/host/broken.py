"""Broken configurations: the shipped files with a few words changed, and what the check says."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sibiao.config.check.whole import Whole
from sibiao.config.load import directory

FOLDER = Path(__file__).with_name("broken_configs")


@dataclass(frozen=True)
class Case:
    """`changes`: (file, words in it, what stands there instead); without words, what is added at
    its end. `says`: the whole answer, line by line."""

    theme: str
    check: str
    changes: list[tuple[str, str, str]]
    says: list[str]


def cases() -> list[Case]:
    return [
        Case(path.stem, case["check"], [tuple(each) for each in case["changes"]], case["says"])
        for path in sorted(FOLDER.glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def broken(base: Path, case: Case) -> None:
    """The case's files in `base`, a copy of the shipped ones."""
    for name, old, new in case.changes:
        path = base / f"{name}.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")


def mended(base: Path, case: Case) -> None:
    for name, _, _ in case.changes:
        shutil.copy(directory() / f"{name}.toml", base / f"{name}.toml")


def said(base: Path, case: Case) -> list[str]:
    """What the check says of the changed files, and of those that they name; from `base`."""
    whole = Whole()
    for name in sorted({name for name, _, _ in case.changes}):
        whole.add(base / f"{name}.toml")
    return [str(problem) for problem in whole.in_order()]
