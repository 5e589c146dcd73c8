"""The way up: identifiers that collide or overflow, what may be written, who speaks first."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sibiao.config import schema, terms
from sibiao.config.device import identifiers, module
from sibiao.config.load import Loaded
from sibiao.config.problems import Problem
from sibiao.errors import SibiaoError


def colliding(uplink: schema.Uplink, name: str, at) -> Iterator[Problem]:
    """Two rows that answer one data identifier, other than as units of one quantity."""
    for first, second in identifiers.collisions(uplink):
        one, other = uplink.identifiers[first], uplink.identifiers[second]
        yield Problem(
            at("identifiers", second, "di"),
            f"{other.di} ({other.name}) and {one.di} ({one.name}) answer the same data identifier",
            "give one another number, or, if they are one quantity in two units, the same format "
            "and source",
            f"the other stands in {at('identifiers', first, 'di')}",
        )


def rows(uplink: schema.Uplink, name: str, at) -> Iterator[Problem]:
    """A row of what there is not, or with a format that its value does not fit."""
    for n, row in enumerate(uplink.identifiers):
        try:
            identifiers.packed(row)
        except SibiaoError as error:
            yield Problem(at("identifiers", n, "di"), str(error))


def written_twice(uplink: schema.Uplink, name: str, at) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for n, row in enumerate(uplink.writes):
        if row.di in seen:
            first = seen[row.di]
            yield Problem(
                at("writes", n, "di"),
                f"{row.di} is to be written as {row.what} and as {uplink.writes[first].what}",
                "each needs its own identifier",
                f"the other stands in {at('writes', first, 'di')}",
            )
        seen.setdefault(row.di, n)


def unwritten(uplink: schema.Uplink, name: str, at) -> Iterator[Problem]:
    """Rows to be written, of its own, that no service takes. What it includes may have more."""
    own = at("title").file
    if "write" not in uplink.services:
        for n, row in enumerate(uplink.writes):
            if at("writes", n).file == own:
                yield Problem(
                    at("writes", n),
                    f"{row.di} may be written, and the services do not name 'write'",
                    "add it to services, or take the row out",
                )


def events(uplink: schema.Uplink, name: str, at) -> Iterator[Problem]:
    """A status bit for an event or alarm that there is not."""
    if uplink.report is not None:
        for event, bit in uplink.report.status_bits.items():
            try:
                module.report_row(event, bit, "status_bits")
            except SibiaoError as error:
                yield Problem(at("report", "status_bits", event), str(error))


def texts(loaded: Loaded) -> Iterator[Problem]:
    """A text that does not fit its identifier, with what the community puts into it."""
    given = identifiers.texts_of(loaded.community)
    for n, row in enumerate(loaded.uplink.identifiers):
        if row.source == "text":
            try:
                identifiers.packed_text(row, given)
            except SibiaoError as error:
                yield Problem(loaded.uplink_at("identifiers", n, "text"), str(error))


def room(loaded: Loaded) -> Iterator[Problem]:
    """A dial that goes further than the identifier that it is read by."""
    told: set[int] = set()
    for n, point in enumerate(loaded.community.points):
        meter = loaded.meters[point.meter]
        if meter.link != "pulse":
            continue
        most = Decimal(10) ** (meter.dial_digits + meter.weight.exponent)
        for k, largest in _largest(loaded.uplink):
            if most > largest and k not in told:
                told.add(k)
                row = loaded.uplink.identifiers[k]
                yield Problem(
                    loaded.uplink_at("identifiers", k, "format"),
                    f"{row.di}: {row.format} {row.unit} is too short for point {point.name!r}, "
                    f"whose dial goes to {most:f} m3",
                    f"give the identifier more digits before the point, or meter {point.meter!r} "
                    "fewer dial_digits",
                    f"the point stands in {loaded.at('points', n)}",
                )


def _largest(uplink: schema.Uplink) -> Iterator[tuple[int, Decimal]]:
    """The rows that a counted volume is read by, and what each has room for, in m3."""
    for k, row in enumerate(uplink.identifiers):
        if row.source not in ("value", "freeze") or row.quantity != "volume":
            continue
        if row.unit in terms.UNITS:
            digits = row.format.partition(".")[0].count("X")
            yield k, Decimal(10) ** (digits + terms.UNITS[row.unit][1])


def speaks_first(loaded: Loaded) -> Iterator[Problem]:
    """Unasked reports on a line that others share: two would speak at once."""
    uplink, uart = loaded.uplink, loaded.board.uarts.get("uplink")
    if uplink.report and uplink.report.spontaneous and uart and uart.direction is not None:
        yield Problem(
            loaded.uplink_at("report", "spontaneous"),
            f"uplink {loaded.community.uplink!r} reports spontaneously, and board "
            f"{loaded.community.board!r} has uarts.uplink.direction: on a line that others share "
            "the converter must not speak first",
            "leave `spontaneous` out",
            f"direction stands in {loaded.board_at('uarts', 'uplink', 'direction')}",
        )
