"""Every effective value of a community and of what it names, and where each was set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from sibiao.config.files.document import Document, Key
from sibiao.config.files.merge import NAMED_BY
from sibiao.config.load import Loaded
from sibiao.config.problems import Origin, meant, shown
from sibiao.errors import SibiaoError

_PROOFS = ("golden",)  # they set nothing


@dataclass(frozen=True)
class Value:
    """`key`: `points.heat-301.meter`; of the board, the uplink and the meters `board.led`,
    `uplink.line.baud`, `meters.heat-mbus.line.baud`. origin None: the schema's default."""

    key: str
    value: Any
    origin: Origin | None

    @property
    def set_by(self) -> str:
        if self.origin is None:
            return "default of the schema"
        return f"{shown(self.origin.file)}:{self.origin.line}"

    @property
    def text(self) -> str:
        return in_toml(self.value)


def values(loaded: Loaded) -> list[Value]:
    """Of a community that was read from files."""
    community = loaded.community
    parts = [
        ("", "communities", loaded.name, community),
        ("board", "boards", community.board, loaded.board),
        ("uplink", "uplinks", community.uplink, loaded.uplink),
        *((f"meters.{m}", "meters", m, model) for m, model in sorted(loaded.meters.items())),
    ]
    return [
        value
        for prefix, kind, name, model in parts
        for value in _of(model, loaded.places[kind, name], (), prefix)
    ]


def below(found: list[Value], key: str | None) -> list[Value]:
    """The value of a key, or all below it; without a key all that are set or have a default."""
    if key is None:
        return [value for value in found if value.value is not None]
    exact = [value for value in found if value.key == key]
    inside = [v for v in found if v.key.startswith(f"{key}.") and v.value is not None]
    if not exact and not inside:
        ends = {v.key[: at or None] for v in found for at in (0, *_points_in(v.key))}
        raise SibiaoError(f"there is no {key!r}; {meant(key, ends) or _first(found)}")
    return exact + inside


def in_toml(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        rows = ", ".join(f"{k} = {in_toml(v)}" for k, v in value.items())
        return f"{{ {rows} }}" if rows else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(in_toml, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _points_in(key: str) -> list[int]:
    return [at for at, letter in enumerate(key) if letter == "."]


def _first(found: list[Value]) -> str:
    return "there are: " + ", ".join(dict.fromkeys(v.key.partition(".")[0] for v in found))


def _of(model: BaseModel, document: Document, at: Key, label: str) -> Iterator[Value]:
    for name, info in type(model).model_fields.items():
        key = info.alias or name
        if key not in _PROOFS:
            path = (*at, key)
            yield from _one(getattr(model, name), document, path, f"{label}.{key}".lstrip("."))


def _one(value: Any, document: Document, at: Key, label: str) -> Iterator[Value]:
    if isinstance(value, BaseModel):
        yield from _of(value, document, at, label)
    elif isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _one(each, document, (*at, key), f"{label}.{key}")
    elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
        for place, (name, each) in enumerate(_named(value)):
            where = (*at, place)
            if hasattr(each, "di"):
                row = each.model_dump(by_alias=True, exclude_unset=True)
                yield Value(f"{label}.{name}", row, document.origins.get(where))
            else:
                yield from _one(each, document, where, f"{label}.{name}")
    else:
        yield Value(label, value, document.origins.get(at))


def _named(models: list[BaseModel]) -> Iterator[tuple[str, BaseModel]]:
    """By name, quantity or identifier; of several that have one identifier (units of one quantity)
    the second is .2, and so on."""
    seen: Counter[str] = Counter()
    for place, model in enumerate(models, 1):
        given = (getattr(model, by, None) for by in NAMED_BY.values())
        name = next((text for text in given if text), str(place))
        # A row of an uplink has a quantity, too.
        name = getattr(model, "di", name)
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}.{seen[name]}", model
