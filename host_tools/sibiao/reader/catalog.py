"""What can be read of a unit: its stations, what each holds, and which identifiers say it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from converter.model import unit

from sibiao.config import terms
from sibiao.config.constants import codes_of
from sibiao.config.load import Loaded
from sibiao.config.problems import meant
from sibiao.config.schema.identifiers import Identifier
from sibiao.errors import SibiaoError
from sibiao.explain.own645 import Held

CONVERTER = "converter"
# A reading of a point is worth no more than these say (docs/metering.md).
PROOFS = ("status", "generation", "sequence", "loss_bound", "gap")
_DI = re.compile(r"[0-9A-F]{8}")


@dataclass(frozen=True)
class Station:
    """`number`: 0 the converter itself, else the point's. `address`: its own, None where only the
    converter's is known."""

    converter: str
    number: int
    name: str
    address: str | None
    held: Held

    def asked(self, di: str) -> tuple[str, str]:
        """(address, identifier) to ask a row's identifier by; ** is the point's number."""
        if self.address is not None:
            return self.address, di.replace("**", "00")
        if "**" not in di:
            raise SibiaoError(
                f"{di} is asked under the address of {self.name}, and only that of its converter "
                f"{self.converter} is known: give the unit by --units and --unit"
            )
        return self.converter, di.replace("**", f"{self.number:02X}")


@dataclass(frozen=True)
class Wanted:
    """Nothing named: all points, all that they hold."""

    points: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()


def stations(loaded: Loaded, address: str | None = None) -> list[Station]:
    """Of the unit; with an address, of another one that is made alike."""
    community = loaded.community
    converter = address or community.address
    own = frozenset(("starts", "reset_cause", "hung_task", "events", "last_event", "commits",
                     "slow_commits", "longest_commit", "alarms", "status"))  # fmt: skip
    found = [Station(converter, 0, CONVERTER, converter, Held(own, {}))]
    names = {code: name for name, code in terms.QUANTITIES.items()}
    for number, point in enumerate(community.points, 1):
        meter = loaded.meters[point.meter]
        held = {names[code] for code in codes_of(loaded, point)} | {"status"}
        units = {"volume": unit.M3} if meter.link == "pulse" else _certain(meter)
        theirs = point.address if converter == community.address else None
        found.append(Station(converter, number, point.name, theirs, Held(frozenset(held), units)))
    return found


def _certain(meter) -> dict[str, int]:
    """Base units that the profile names; of other fields a byte in the telegram says it."""
    named = ((f.quantity, getattr(f, "unit", "")) for f in getattr(meter, "fields", ()))
    return {quantity: terms.UNITS[unit][0] for quantity, unit in named if unit in terms.UNITS}


def wanted(loaded: Loaded, words: tuple[str, ...]) -> Wanted:
    """Points, quantities and identifiers, told apart by themselves."""
    points = [CONVERTER, *(point.name for point in loaded.community.points)]
    quantities = {row.quantity for row in loaded.uplink.identifiers if row.source == "value"}
    named: tuple[list, list, list] = [], [], []
    for word in words:
        if word in points:
            named[0].append(word)
        elif word in quantities:
            named[1].append(word)
        elif _DI.fullmatch(word.upper()):
            named[2].append(word.upper())
        else:
            known = [*points, *sorted(quantities)]
            hint = meant(word, known) or f"there are: {', '.join(known)}; or 8 digits of a DI"
            raise SibiaoError(
                f"{word!r} is no point, quantity or data identifier of {loaded.name!r}; {hint}"
            )
    return Wanted(*map(tuple, named))


def of_point(rows: list[Identifier]) -> dict[str, list[Identifier]]:
    """Value rows that every point has under its number, by the block that holds them; those in no
    block under ''."""
    found: dict[str, list[Identifier]] = {}
    for row in rows:
        if row.source == "value" and row.is_by_point:
            block = f"{row.di[:2]}**FFFF" if row.block else ""
            found.setdefault(block, []).append(row)
    return found
