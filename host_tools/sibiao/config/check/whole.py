"""Every problem of many files in one run; what several communities name is judged once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from sibiao.config.check import every
from sibiao.config.load import KINDS, Files, directory
from sibiao.config.problems import Problem, Refused, in_order
from sibiao.errors import SibiaoError


class Whole:
    """`problems` are of the files given to `add`, and of what they name. `files`: how many."""

    def __init__(self):
        self.problems: list[Problem] = []
        self._bases: dict[Path, Files] = {}
        self._judged: set[tuple[Path, str, str]] = set()

    @property
    def files(self) -> int:
        return len(self._judged)

    def add(self, path: Path) -> None:
        """A file in the folder of its kind."""
        kind = path.parent.name
        base = path.parent.parent
        self._judge(self._bases.setdefault(base, Files(base)), kind, path.stem)

    def in_order(self) -> list[Problem]:
        return in_order(self.problems)

    def _judge(self, files: Files, kind: str, name: str) -> None:
        if (files.base, kind, name) in self._judged:
            return
        self._judged.add((files.base, kind, name))
        try:
            self.problems += _JUDGES[kind](self, files, name)
        except Refused as refused:
            self.problems += refused.problems

    def _community(self, files: Files, name: str) -> Iterable[Problem]:
        loaded = files.load(name)
        for kind, other in loaded.places:
            self._judge(files, kind, other)
        return every.of_community(loaded)

    def _board(self, files: Files, name: str) -> Iterable[Problem]:
        read = files.read("boards", name)
        return every.of_board(read.value, files.chip(read), read.at)

    def _uplink(self, files: Files, name: str) -> Iterable[Problem]:
        read = files.read("uplinks", name)
        return every.of_uplink(read.value, name, read.at)

    def _meter(self, files: Files, name: str) -> Iterable[Problem]:
        read = files.read("meters", name)
        return every.of_meter(read.value, name, read.at)

    def _chip(self, files: Files, name: str) -> Iterable[Problem]:
        files.read("chips", name)
        return ()


_JUDGES: dict[str, Callable[[Whole, Files, str], Iterable[Problem]]] = {
    "communities": Whole._community,
    "boards": Whole._board,
    "uplinks": Whole._uplink,
    "meters": Whole._meter,
    "chips": Whole._chip,
}


def found(paths: Iterable[Path]) -> list[Path]:
    """The configuration files that the paths name: themselves, or those of a folder of one kind,
    or of a folder of such folders. SibiaoError where there is none."""
    files: list[Path] = []
    for path in paths or [directory()]:
        if path.is_dir():
            inside = [*path.glob("*.toml")] if path.name in KINDS else []
            inside += [each for kind in KINDS for each in (path / kind).glob("*.toml")]
            if not inside:
                raise SibiaoError(f"{path} holds no configuration; it has none of {_folders()}")
            files += sorted(inside)
        elif not path.is_file():
            raise SibiaoError(f"there is no {path}")
        elif path.resolve().parent.name not in KINDS:
            raise SibiaoError(f"{path} stands in none of the folders {_folders()}")
        else:
            files.append(path if path.parent.name in KINDS else path.resolve())
    return files


def _folders() -> str:
    return ", ".join(KINDS)
