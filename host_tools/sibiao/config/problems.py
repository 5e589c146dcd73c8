"""What is wrong with configuration files: where, what, what is allowed, what was meant."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sibiao.errors import SibiaoError


@dataclass(frozen=True, order=True)
class Origin:
    """A place in a file; line and column count characters from 1."""

    file: Path
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """`text` says what is wrong, `allowed` what would be right, `hint` what to do or was meant."""

    origin: Origin
    text: str
    allowed: str = ""
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        mark = "warning: " if self.severity == "warning" else ""
        return f"{self.origin}: {mark}{self.sentence}"

    @property
    def sentence(self) -> str:
        return "; ".join(part for part in (self.text, self.allowed, self.hint) if part)

    def as_dict(self) -> dict[str, str | int]:
        """For programs: the place, and the parts of the sentence."""
        return {
            "file": shown(self.origin.file),
            "line": self.origin.line,
            "column": self.origin.column,
            "severity": self.severity,
            "text": self.text,
            "allowed": self.allowed,
            "hint": self.hint,
        }

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


class Refused(SibiaoError):
    """Files that are not taken, with everything that is wrong with them, a line each."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file and line, each once: a board that ten communities use is wrong once."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.origin, p.severity, p.text))


def shown(path: Path) -> str:
    """A path as a user at this directory would write it."""
    here = os.getcwd() + os.sep
    text = os.fspath(path)
    return text.removeprefix(here)


def meant(name: str, known: Iterable[str]) -> str:
    """The hint for a name that does not exist; nothing where none is near."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]!r}?" if near else ""
