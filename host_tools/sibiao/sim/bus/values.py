"""What a person writes as a value ("12.5 m3") as the whole number a meter's field holds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation

from sibiao.errors import SibiaoError

UNKNOWN = "unknown"  # what the meter says that it has not

# Each unit as so many of the first of its kind.
_UNITS = {
    "": ("", Decimal(1)),
    "Wh": ("Wh", Decimal(1)),
    "kWh": ("Wh", Decimal(10) ** 3),
    "MWh": ("Wh", Decimal(10) ** 6),
    "J": ("J", Decimal(1)),
    "kJ": ("J", Decimal(10) ** 3),
    "MJ": ("J", Decimal(10) ** 6),
    "GJ": ("J", Decimal(10) ** 9),
    "W": ("W", Decimal(1)),
    "kW": ("W", Decimal(10) ** 3),
    "MW": ("W", Decimal(10) ** 6),
    "L": ("m3", Decimal(10) ** -3),
    "m3": ("m3", Decimal(1)),
    "L/h": ("m3/h", Decimal(10) ** -3),
    "m3/h": ("m3/h", Decimal(1)),
    "°C": ("°C", Decimal(1)),
    "K": ("K", Decimal(1)),
    "bar": ("bar", Decimal(1)),
    "s": ("s", Decimal(1)),
    "min": ("s", Decimal(60)),
    "h": ("s", Decimal(3600)),
    "d": ("s", Decimal(86400)),
    "V": ("V", Decimal(1)),
    "A": ("A", Decimal(1)),
}


def amount(text: str, where: str) -> tuple[Decimal, str]:
    """A number and the kind of its unit, in the kind's first unit."""
    number, _, unit = text.strip().partition(" ")
    try:
        value = Decimal(number)
    except InvalidOperation as error:
        raise SibiaoError(f"{where}: {text!r} is no value such as '12.5 m3'") from error
    if unit not in _UNITS or not value.is_finite():
        known = ", ".join(name for name in _UNITS if name)
        raise SibiaoError(f"{where}: {text!r} has a unit that is none of {known}")
    kind, size = _UNITS[unit]
    return value * size, kind


def size_of(unit: str) -> tuple[str, Decimal]:
    """The kind of a unit, and how many of the kind's first unit it is."""
    return _UNITS[unit]


def whole(value: Decimal, resolution: Decimal, text: str, where: str) -> int:
    """How many of `resolution`; a value that is finer is refused: a meter could not show it."""
    count = value / resolution
    if count != count.to_integral_value():
        raise SibiaoError(f"{where}: {text!r} is finer than the meter's field can hold")
    return int(count)


def moment(text: str, where: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise SibiaoError(f"{where}: {text!r} is no time such as 2026-01-15T08:00:00") from error


def hexadecimal(text: str, where: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise SibiaoError(f"{where}: {text!r} is not hexadecimal") from error
