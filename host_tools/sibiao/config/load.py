"""From a name to checked files: a community with the board, uplink and meters that it names."""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from sibiao.config import schema
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


def read(kind: str, name: str, base: Path | None = None, including: tuple[str, ...] = ()):
    """One file, checked by itself. SibiaoError names the file, the key and what is allowed."""
    base = base or directory()
    path = base / kind / f"{name}.toml"
    if not path.is_file():
        known = names(kind, base)
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known) or 'none'}"
        raise SibiaoError(
            f"no {kind[:-1].replace('ie', 'y')} named {name!r} in {path.parent}; {hint}"
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SibiaoError(f"{path}: not a TOML file: {error}") from error
    try:
        found = _KINDS[kind].validate_python(data)
    except ValidationError as error:
        lines = (
            f"{'.'.join(str(k) for k in e['loc']) or 'file'}: {e['msg']}" for e in error.errors()
        )
        raise SibiaoError(f"{path}: " + "; ".join(lines)) from error
    return _with_included(name, found, base, including) if kind == "uplinks" else found


def _with_included(name: str, uplink: schema.Uplink, base: Path, including: tuple[str, ...]):
    """The uplink with the identifiers of those that it includes, with their writes where it names
    the service, and with the services of the first where it names none. The identifiers stand as
    in the firmware and so in blocks: by number, what counts back from 1 on."""
    for own in uplink.identifiers:
        own._file = name
    if name in including:
        way = " -> ".join((*including, name))
        raise SibiaoError(f"uplink {name!r} includes itself: {way}; take it out of one of them")
    others = [read("uplinks", other, base, (*including, name)) for other in uplink.include]
    rows = [row for each in (*others, uplink) for row in each.identifiers]
    rows.sort(key=lambda row: row.di.replace("**", "00").replace("##", "01"))
    found = {"identifiers": rows}
    if others and "services" not in uplink.model_fields_set:
        found["services"] = others[0].services
    # An own write of the same identifier goes before an included one.
    writing = others if "write" in found.get("services", uplink.services) else ()
    writes = {row.di: row for each in (*writing, uplink) for row in each.writes}
    return uplink.model_copy(update=found | {"writes": list(writes.values())})


def load(name: str, base: Path | None = None) -> Loaded:
    """A community by name, or by the path of its file (then its neighbours are used)."""
    if name.endswith(".toml"):
        path = Path(name)
        base, name = path.resolve().parent.parent, path.stem
    community = read("communities", name, base)
    return Loaded(
        name=name,
        community=community,
        board=read("boards", community.board, base),
        uplink=read("uplinks", community.uplink, base),
        meters={m: read("meters", m, base) for m in {p.meter for p in community.points}},
    )
