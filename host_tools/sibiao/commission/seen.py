"""What the converter says of one point, now: over its uplink, or over its console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from sibiao.board.console import Commands
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.errors import SibiaoError
from sibiao.reader.catalog import Wanted
from sibiao.reader.client import Client
from sibiao.reader.collect import Collector
from sibiao.reader.exchange import NoAnswer

ALL = ("volume", "energy")  # what a dial shows; the first that a point holds, unless one is named


@dataclass(frozen=True)
class Seen:
    """`value`: the register that the dial is compared with, None where it is unknown, and then
    `error` says why. `net`, `forward`, `reverse`: in pulses; None of a bus meter, or unknown.
    `value_time`: when a bus meter said so, by the converter's clock."""

    time: datetime
    quantity: str
    value: Decimal | None
    unit: str
    value_time: str = ""
    error: str = ""
    status: int | None = None
    net: Fraction | None = None
    forward: Fraction | None = None
    reverse: Fraction | None = None


class Source(Protocol):
    name: str

    def read(self) -> Seen:
        """NoAnswer when the converter is silent."""
        ...


class UplinkSource:
    name = "uplink"

    def __init__(self, client: Client, loaded: Loaded, point: Point, quantity: str | None):
        wanted = Wanted(points=(point.name,))
        self._collector = Collector(client, loaded, wanted, starts=False)
        self._point = point
        self._quantity = quantity
        self._weight = weight_m3(loaded, point)

    def read(self) -> Seen:
        rows = {row.quantity: row for row in self._collector.round()}
        if self._collector.faults:
            raise self._collector.faults[0]
        wanted = (self._quantity,) if self._quantity else ALL
        row = next((rows[name] for name in wanted if name in rows), None)
        if row is None:
            known = ", ".join(sorted(set(ALL) & set(rows))) or "neither"
            raise SibiaoError(
                f"{self._point.name} tells no {' or '.join(wanted)}; of those it has: {known}"
            )
        numbers = {name: Decimal(each.value) for name, each in rows.items() if _is_number(each)}
        status = int(numbers["status"]) if "status" in numbers else None
        return Seen(
            datetime.now().astimezone(),
            row.quantity,
            numbers.get(row.quantity),
            row.unit,
            row.value_time,
            row.error,
            status,
            *self._pulses(numbers),
        )

    def _pulses(self, numbers: dict[str, Decimal]) -> list[Fraction | None]:
        if self._weight is None:
            return [None] * 3
        ways = [numbers.get(name) for name in ("forward", "reverse")]
        net = numbers.get("pulses")
        return [
            None if net is None else Fraction(net),
            *(None if way is None else Fraction(way) / self._weight for way in ways),
        ]


class ConsoleSource:
    name = "console"

    def __init__(self, commands: Commands, loaded: Loaded, number: int):
        point = loaded.community.points[number - 1]
        if weight_m3(loaded, point) is None:
            raise SibiaoError(f"{point.name} is a meter on a bus: it is read over --uplink")
        self._commands, self._number = commands, number

    def read(self) -> Seen:
        said = self._commands.command(f"point {self._number}", "point")
        value = None if said["lost"] else Decimal(said["index"]).scaleb(said["exponent"])
        forward, reverse = Fraction(said["forward"]), Fraction(said["reverse"])
        return Seen(
            datetime.now().astimezone(),
            "volume",
            value,
            "m3",
            error="its record is lost: sibiao restore" if said["lost"] else "",
            status=said["status"],
            net=forward - reverse,
            forward=forward,
            reverse=reverse,
        )


def patient(source: Source, tries: int = 2) -> Seen:
    """One reading that must be had."""
    for _ in range(tries - 1):
        try:
            return source.read()
        except NoAnswer:
            continue
    return source.read()


def weight_m3(loaded: Loaded, point: Point) -> Fraction | None:
    """Of a pulse; None of a meter on a bus."""
    meter = loaded.meters[point.meter]
    if meter.link != "pulse":
        return None
    weight = meter.weight
    return Fraction(weight.numerator, weight.denominator) * Fraction(10) ** weight.exponent


def _is_number(row) -> bool:
    return row.value.lstrip("-").replace(".", "", 1).isdecimal()
