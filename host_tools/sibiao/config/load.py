"""From a name to checked files: a community with the board, uplink and meters that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from sibiao.config import schema
from sibiao.config.files import unfit
from sibiao.config.files.document import Document
from sibiao.config.files.inherit import effective
from sibiao.config.place import directory
from sibiao.config.problems import Origin, Problem, Refused, meant
from sibiao.config.schema.chip import ROLES
from sibiao.errors import SibiaoError

KINDS = {
    "chips": TypeAdapter(schema.Chip),
    "boards": TypeAdapter(schema.Board),
    "uplinks": TypeAdapter(schema.Uplink),
    "meters": TypeAdapter(
        Annotated[
            schema.PulseMeter | schema.Cjt188Meter | schema.MbusMeter | schema.TransparentMeter,
            Field(discriminator="link"),
        ]
    ),
    "communities": TypeAdapter(schema.Community),
}


@dataclass(frozen=True)
class Read:
    """A file that is right by itself."""

    kind: str
    name: str
    document: Document
    value: Any

    def at(self, *keys: str | int) -> Origin:
        return self.document.origin(*keys)


@dataclass(frozen=True)
class Loaded:
    """A community and everything it names, each checked by itself. `places`: the documents, by
    kind and name; without them (of what was made, not read) a problem has no line."""

    name: str
    community: schema.Community
    board: schema.Board
    chip: schema.Chip
    uplink: schema.Uplink
    meters: dict[str, schema.PulseMeter | schema.BusMeter | schema.TransparentMeter]
    places: Mapping[tuple[str, str], Document] = field(default_factory=dict, compare=False)

    def at(self, *keys: str | int) -> Origin:
        """Where a key of the community was set."""
        return self._at("communities", self.name, keys)

    def board_at(self, *keys: str | int) -> Origin:
        return self._at("boards", self.community.board, keys)

    def uplink_at(self, *keys: str | int) -> Origin:
        return self._at("uplinks", self.community.uplink, keys)

    def meter_at(self, name: str, *keys: str | int) -> Origin:
        return self._at("meters", name, keys)

    def _at(self, kind: str, name: str, keys: tuple[str | int, ...]) -> Origin:
        document = self.places.get((kind, name))
        return document.origin(*keys) if document else Origin(Path(kind, f"{name}.toml"))


class Files:
    """The files of one directory, each read once."""

    def __init__(self, base: Path | None = None):
        self.base = base or directory()
        self._names: dict[str, list[str]] = {}
        self._read: dict[tuple[str, str], Read | Refused] = {}

    def names(self, kind: str) -> list[str]:
        if kind not in self._names:
            self._names[kind] = names(kind, self.base)
        return self._names[kind]

    def read(self, kind: str, name: str) -> Read:
        """Refused with all that is wrong with it, and with the uplinks that it includes."""
        if (kind, name) not in self._read:
            try:
                self._read[kind, name] = self._fresh(kind, name)
            except Refused as refused:
                self._read[kind, name] = refused
        found = self._read[kind, name]
        if isinstance(found, Refused):
            raise found
        return found

    def _fresh(self, kind: str, name: str) -> Read:
        document = effective(self.base / kind / f"{name}.toml")
        if problem := unfit.other_schema(document):
            raise Refused([problem])
        try:
            value = KINDS[kind].validate_python(document.data)
        except ValidationError as error:
            raise Refused(unfit.problems(error, document, KINDS[kind])) from error
        if kind == "uplinks":
            for place, row in enumerate(value.identifiers):
                row._file = document.origin("identifiers", place).file.stem
        return Read(kind, name, document, value)

    def chip(self, board: Read) -> schema.Chip:
        """The chip that a board names, with the pins that the board's image fixes."""
        chip = self._named("chips", board.value.mcu, board.at("mcu"), "mcu").value
        if board.value.fixed is None:
            return chip
        return chip.model_copy(update={k: getattr(board.value.fixed, k) for k in ROLES})

    def load(self, name: str) -> Loaded:
        """Refused with all that is wrong with the files that it names and with the naming."""
        read = self.read("communities", name)
        community, problems = read.value, []

        def named(kind: str, other: str, *keys: str | int) -> Read | None:
            try:
                return self._named(kind, other, read.at(*keys), str(keys[-1]))
            except Refused as refused:
                problems.extend(refused.problems)
                return None

        board = named("boards", community.board, "board")
        uplink = named("uplinks", community.uplink, "uplink")
        meters = [
            named("meters", p.meter, "points", n, "meter") for n, p in enumerate(community.points)
        ]
        chip = None
        if board is not None:
            try:
                chip = self.chip(board)
            except Refused as refused:
                problems += refused.problems
        if problems:
            raise Refused(problems)
        return Loaded(
            name=name,
            community=community,
            board=board.value,
            chip=chip,
            uplink=uplink.value,
            meters={each.name: each.value for each in meters},
            places={(r.kind, r.name): r.document for r in (read, board, uplink, *meters)},
        )

    def _named(self, kind: str, name: str, at: Origin, key: str) -> Read:
        """A file that another names there."""
        known = self.names(kind)
        if name in known:
            return self.read(kind, name)
        hint = meant(name, known)
        allowed = "" if hint else f"there are: {', '.join(known) or 'none'}"
        text = f"{key}: there is no {name!r} among the {kind}"
        raise Refused([Problem(at, text, allowed, hint)])


def names(kind: str, base: Path | None = None) -> list[str]:
    """The files of one kind, by the names that other files use for them."""
    return sorted(p.stem for p in ((base or directory()) / kind).glob("*.toml"))


def read(kind: str, name: str, base: Path | None = None):
    """One file, checked by itself. SibiaoError names the file, the key and what is allowed."""
    files = _having(kind, name, base)
    return files.read(kind, name).value


def chip_of(board: schema.Board, base: Path | None = None) -> schema.Chip:
    """The chip of a board that was made, not read."""
    files = _having("chips", board.mcu, base)
    return files.chip(Read("boards", "", Document(Path("boards"), {}), board))


def load(name: str, base: Path | None = None) -> Loaded:
    """A community by name, or by the path of its file (then its neighbours are used)."""
    if name.endswith(".toml"):
        path = Path(name)
        base, name = path.resolve().parent.parent, path.stem
    return _having("communities", name, base).load(name)


def _having(kind: str, name: str, base: Path | None) -> Files:
    files = Files(base)
    known = files.names(kind)
    if name not in known:
        hint = meant(name, known) or f"there are: {', '.join(known) or 'none'}"
        what = kind[:-1].replace("ie", "y")
        raise SibiaoError(f"no {what} named {name!r} in {files.base / kind}; {hint}")
    return files
