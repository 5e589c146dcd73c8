"""A profile against what proves it, and against the names that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sibiao.config import schema, terms
from sibiao.config.check import goldens
from sibiao.config.device import layouts, layouts_mbus, meter_alarms
from sibiao.config.device.buses import INDEX
from sibiao.config.problems import Problem
from sibiao.errors import SibiaoError


def fields(meter: schema.BusMeter, name: str, at) -> Iterator[Problem]:
    """A quantity or unit that there is not."""
    of_mbus = isinstance(meter, schema.MbusMeter)
    for n, field in enumerate(meter.fields):

        def packed(field=field):
            if of_mbus:
                layouts_mbus.packed(field, field.quantity)
            else:
                layouts.field_row(field, meter.dialect, field.quantity)

        yield from _told(packed, at("fields", n))
    if not of_mbus:
        unit = meter.dialect.unit_of_zero or ""
        lookup = terms.lookup
        yield from _told(lambda: lookup(terms.UNITS, unit, "unit", "dialect"), at("dialect"))


def published(meter: schema.BusMeter, name: str, at) -> Iterator[Problem]:
    """A profile that no published telegram proves."""
    if all(golden.synthetic for golden in meter.golden):
        yield Problem(
            at("golden"),
            f"meter {name!r} has no published telegram, so nothing proves it",
            "add a [[golden]] with its source",
        )


def proven(meter: schema.BusMeter, name: str, at) -> Iterator[Problem]:
    """A telegram that says something else than the profile states."""
    if not list(fields(meter, name, at)):
        for n, golden in enumerate(meter.golden):
            where = f"golden telegram {n + 1}"
            yield from _told(
                lambda g=golden, w=where: goldens.check_golden(meter, name, g, w), at("golden", n)
            )


def alarms(meter: schema.BusMeter, name: str, at) -> Iterator[Problem]:
    yield from _told(lambda: meter_alarms.rows(meter, name), at("alarms"))


def maxima(meter: schema.BusMeter, name: str, at) -> Iterator[Problem]:
    """A maximum that says nothing of the meter's main index."""
    index, key, other, _ = INDEX["heat" if meter.medium == "heat" else "other"]
    if getattr(meter, other) is not None:
        text = f"{other} says nothing of a {meter.medium} meter, whose index is its {index}"
        yield Problem(at(other), text, f"use {key}")


def _told(make: Callable[[], object], origin) -> Iterator[Problem]:
    try:
        make()
    except SibiaoError as error:
        yield Problem(origin, str(error))
