"""From a name to checked files: a community with the board, uplink and meters that it names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from sibiao.config import schema
from sibiao.config.inherit import effective
from sibiao.config.problems import meant
from sibiao.errors import SibiaoError

_KINDS = {
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
class Loaded:
    """A community and everything it names, each checked by itself."""

    name: str
    community: schema.Community
    board: schema.Board
    uplink: schema.Uplink
    meters: dict[str, schema.PulseMeter | schema.BusMeter | schema.TransparentMeter]


def directory() -> Path:
    """Where board_configs is: SIBIAO_CONFIGS, or the project's own."""
    given = os.environ.get("SIBIAO_CONFIGS")
    return Path(given) if given else Path(__file__).parents[3] / "board_configs"


def names(kind: str, base: Path | None = None) -> list[str]:
    """The files of one kind, by the names that other files use for them."""
    return sorted(p.stem for p in ((base or directory()) / kind).glob("*.toml"))


def path_of(kind: str, name: str, base: Path | None = None) -> Path:
    """The file; SibiaoError says which there are."""
    base = base or directory()
    path = base / kind / f"{name}.toml"
    if path.is_file():
        return path
    known = names(kind, base)
    hint = meant(name, known) or f"there are: {', '.join(known) or 'none'}"
    raise SibiaoError(f"no {kind[:-1].replace('ie', 'y')} named {name!r} in {path.parent}; {hint}")


def placed(name: str) -> tuple[str, Path]:
    """A community by name, or by the path of its file (then its neighbours are used), as the name
    and the folder of all configurations."""
    if name.endswith(".toml"):
        path = Path(name).resolve()
        return path.stem, path.parent.parent
    return name, directory()


def read(kind: str, name: str, base: Path | None = None):
    """One file, checked by itself. SibiaoError names the file, the key and what is allowed."""
    path = path_of(kind, name, base)
    document = effective(path)
    try:
        found = _KINDS[kind].validate_python(document.data)
    except ValidationError as error:
        lines = (
            f"{'.'.join(str(k) for k in e['loc']) or 'file'}: {e['msg']}" for e in error.errors()
        )
        raise SibiaoError(f"{path}: " + "; ".join(lines)) from error
    if kind == "uplinks":
        for place, row in enumerate(found.identifiers):
            row._file = document.origin("identifiers", place).file.stem
    return found


def load(name: str, base: Path | None = None) -> Loaded:
    """A community by name, or by the path of its file."""
    if base is None or name.endswith(".toml"):
        name, base = placed(name)
    community = read("communities", name, base)
    return Loaded(
        name=name,
        community=community,
        board=read("boards", community.board, base),
        uplink=read("uplinks", community.uplink, base),
        meters={m: read("meters", m, base) for m in {p.meter for p in community.points}},
    )
