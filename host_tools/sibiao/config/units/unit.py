"""Units of one community: what tells them apart stands in a table, a row a unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated

from pydantic import TypeAdapter, ValidationError

from sibiao.config import schema
from sibiao.config.device.pulses import on_dial
from sibiao.config.load import Loaded

BROADCAST = "9" * 12  # DL/T 645-2007, 7.1: all stations
_OPTIONAL = ("production_date", "dwelling")
_OF_BUS = ("meter_address", "secondary_address", "fabrication")
_WORDS = {
    "serial": "4 to 16 capital letters and digits",
    "production_date": "at most 10 ASCII characters",
}


@dataclass(frozen=True)
class Column:
    """`point`: its place in the community, None for the converter itself."""

    name: str
    key: str
    point: int | None = None

    @property
    def is_optional(self) -> bool:
        return self.key in _OPTIONAL


@dataclass(frozen=True)
class Unit:
    """A row without a mistake: the text of each column that there is."""

    serial: str
    cells: dict[Column, str]


def columns(loaded: Loaded) -> list[Column]:
    """What identifies a unit of this community. Of a bus meter it is whatever its point in the
    community is asked by."""
    found = [Column(key, key) for key in ("serial", "address", "production_date")]
    for place, point in enumerate(loaded.community.points):
        keys = ["address", *(key for key in _OF_BUS if getattr(point, key) is not None)]
        if loaded.meters[point.meter].link == "pulse":
            keys.append("base_reading")
        found += [Column(f"{point.name}.{key}", key, place) for key in (*keys, "dwelling")]
    return found


def template(loaded: Loaded) -> Iterator[list[str]]:
    """The header, and the community's own unit as the row to be copied."""
    wanted = columns(loaded)
    yield [column.name for column in wanted]
    held = [loaded.community, *loaded.community.points]
    yield [
        getattr(held[0 if column.point is None else column.point + 1], column.key, "")
        for column in wanted
    ]


def wrong(loaded: Loaded, column: Column, text: str) -> str | None:
    """What is wrong with a cell by itself."""
    if not text:
        return None if column.is_optional else "is empty, and every unit needs it"
    if column.key == "dwelling":
        return None
    try:
        _of_schema(column.point is None, column.key).validate_python(text)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        allowed = f"must be {_WORDS[column.key]}" if column.key in _WORDS else said
        return f"{text!r} {allowed}"
    if column.key == "address" and text == BROADCAST:
        return f"{text!r} is the address of all stations at once"
    if column.point is None:
        return None
    point = loaded.community.points[column.point]
    return _wrong_for_meter(loaded.meters[point.meter], point.meter, column.key, text)


@cache
def _of_schema(of_converter: bool, key: str) -> TypeAdapter:
    info = (schema.Community if of_converter else schema.Point).model_fields[key]
    kind = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return TypeAdapter(kind)


def _wrong_for_meter(meter, name: str, key: str, text: str) -> str | None:
    if key == "base_reading" and on_dial(text, meter) is None:
        decimals = max(0, -meter.weight.exponent)
        return (
            f"{text!r} does not fit the dial of {name!r}: {meter.dial_digits} digits, "
            f"{decimals} of them decimals"
        )
    if key == "meter_address" and meter.link == "cjt188" and len(text) != 14:
        return f"{text!r} must be the 14 digits of a CJ/T 188 meter, most significant first"
    if key == "meter_address" and meter.link == "mbus" and (len(text) > 3 or int(text) > 250):
        return f"{text!r} is no primary address of an M-Bus meter, 0 to 250"
    return None


def unit_of(loaded: Loaded, unit: Unit) -> Loaded:
    """The configuration of one unit."""
    own: dict[str, str] = {}
    of_points: list[dict[str, str]] = [{} for _ in loaded.community.points]
    for column, text in unit.cells.items():
        if column.key != "dwelling" and text:
            (own if column.point is None else of_points[column.point])[column.key] = text
    points = [
        point.model_copy(update=changed)
        for point, changed in zip(loaded.community.points, of_points, strict=True)
    ]
    return replace(loaded, community=loaded.community.model_copy(update={**own, "points": points}))
