"""Another meter on the bus: who it is, as its point's profile asks it, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from converter.model import unit as units
from pydantic import ValidationError

from sibiao.board.console import Commands
from sibiao.config.check.every import check
from sibiao.config.device.buses import bus_address
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.errors import SibiaoError
from sibiao.provision.node import bus_points

# Units of a dial: base unit of the device, and the exponent of the dial's in it.
UNITS = {
    "m3": (units.M3, 0),
    "kWh": (units.WH, 3),
    "MWh": (units.WH, 6),
    "MJ": (units.J, 6),
    "GJ": (units.J, 9),
}
_USUAL = {units.M3: "m3", units.WH: "kWh", units.J: "GJ"}


@dataclass(frozen=True)
class Reading:
    """`value` in `unit`, one of UNITS."""

    value: Decimal
    unit: str

    @property
    def text(self) -> str:
        return f"{self.value:f} {self.unit}"


def another(loaded: Loaded, name: str, told: dict[str, str]) -> tuple[int, Loaded]:
    """The point's number, and the community with the new meter there. told: keys of the point."""
    found = {point.name: (number, point) for number, point in bus_points(loaded)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise SibiaoError(
            f"{loaded.name!r} asks no meter {name!r} on a bus, and no other has an address; "
            f"there are: {known}"
        )
    number, old = found[name]
    before = old.model_dump(by_alias=True)
    keys = dict.fromkeys(("meter_address", "secondary_address", "fabrication")) | told
    try:
        point = Point.model_validate(before | keys)
    except ValidationError as error:
        first = error.errors()[0]
        raise SibiaoError(f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    changed = [point if each is old else each for each in loaded.community.points]
    made = replace(loaded, community=loaded.community.model_copy(update={"points": changed}))
    check(made)
    return number, made


class BusMeters:
    """The commands of the console that concern them."""

    def __init__(self, commands: Commands, loaded: Loaded):
        self._commands, self._loaded = commands, loaded

    def asked(self, number: int) -> Reading:
        """What the meter at the point's address shows now; nothing is changed."""
        return _reading(self._commands.command(self._line(number), "exchange"), "new")

    def exchange(self, number: int, old: Reading) -> tuple[Reading | None, Reading]:
        """The old meter's last reading as the node keeps it, and the new one's first."""
        unit, exponent = UNITS[old.unit]
        _, digits, at = old.value.as_tuple()
        told = f"{int(''.join(map(str, digits)))} {at + exponent} {unit}"
        said = self._commands.command(f"{self._line(number)} {told}", "exchange")
        last = None if said["old"] is None else _reading(said, "old", said["old_exponent"])
        return last, _reading(said, "new")

    def _line(self, number: int) -> str:
        point = self._loaded.community.points[number - 1]
        address = bus_address(self._loaded.meters[point.meter], point)
        return f"exchange {number} {address.hex()}"


def dial(text: str, unit: str) -> Reading:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0 or "e" in text.lower():
        raise SibiaoError(f"{text!r} is no dial reading: digits, with a point before decimals")
    return Reading(value, unit)


def agrees(typed: Reading, read: Reading) -> bool:
    """To the coarser of the last places."""
    places = (typed.value.as_tuple().exponent, read.value.as_tuple().exponent)
    return abs(typed.value - read.value) <= Decimal(1).scaleb(max(places))


def _reading(said: dict, key: str, exponent: int | None = None) -> Reading:
    exponent = said["exponent"] if exponent is None else exponent
    unit = _USUAL.get(said["unit"])
    if unit is None:
        raise SibiaoError(f"the node tells an index in unit {said['unit']}, which no dial has")
    shift = UNITS[unit][1]
    return Reading(Decimal(said[key]).scaleb(exponent - shift), unit)


def in_unit(reading: Reading, unit: str) -> Reading:
    """The same in another unit of its kind; SibiaoError where it is none."""
    base, exponent = UNITS[reading.unit]
    other, wanted = UNITS[unit]
    if base != other:
        hint = f"--dial-unit {reading.unit}"
        raise SibiaoError(f"the meter shows {reading.unit}, not {unit}: {hint}")
    return Reading(reading.value.scaleb(exponent - wanted), unit)
