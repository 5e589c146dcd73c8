"""A reading as meters and registers hold it: a whole number, a decimal exponent, a unit."""

from __future__ import annotations

from typing import NamedTuple

# Each unit as a power of ten of the first unit of its kind.
_POWER_OF_TEN = {
    "Wh": ("Wh", 0),
    "kWh": ("Wh", 3),
    "MWh": ("Wh", 6),
    "J": ("J", 0),
    "kJ": ("J", 3),
    "MJ": ("J", 6),
    "GJ": ("J", 9),
    "W": ("W", 0),
    "kW": ("W", 3),
    "MW": ("W", 6),
    "L": ("L", 0),
    "m3": ("L", 3),
    "L/h": ("L/h", 0),
    "m3/h": ("L/h", 3),
}


class Quantity(NamedTuple):
    value: int
    exponent: int
    unit: str

    def at(self, exponent: int, unit: str) -> Quantity:
        """The same in another power of ten; digits below the new resolution are cut off."""
        kind, power = _POWER_OF_TEN.get(self.unit, (self.unit, 0))
        new_kind, new_power = _POWER_OF_TEN.get(unit, (unit, 0))
        if kind != new_kind:
            raise ValueError(f"{self.unit} cannot be expressed in {unit}")
        shift = self.exponent + power - exponent - new_power
        if shift >= 0:
            return Quantity(self.value * 10**shift, exponent, unit)
        cut = abs(self.value) // 10**-shift
        return Quantity(-cut if self.value < 0 else cut, exponent, unit)

    def number(self) -> str:
        """The number alone, with as many decimals as it has."""
        if self.exponent >= 0:
            return str(self.value * 10**self.exponent)
        digits = f"{abs(self.value):0{1 - self.exponent}d}"
        sign = "-" if self.value < 0 else ""
        return f"{sign}{digits[: self.exponent]}.{digits[self.exponent :]}"

    def __str__(self) -> str:
        return f"{self.number()} {self.unit}"
