"""What a heat meter measures, and how it goes on: flow and temperatures wander, heat adds up.

Whole numbers throughout and one seeded source of chance, so a run repeats exactly.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sibiao.sim.quantity import Quantity

# CJ/T 188 unit codes of a heat meter's fields: (unit, decimal exponent of the field's BCD).
HEAT_UNITS = {0x02: ("Wh", -2), 0x05: ("kWh", -2), 0x08: ("MWh", -2), 0x11: ("GJ", -2)}
POWER_UNITS = {0x14: ("W", -2), 0x17: ("kW", -2), 0x1A: ("MW", -2)}
FLOW_UNITS = {0x32: ("L/h", -4), 0x35: ("m3/h", -4)}
VOLUME_UNITS = {0x29: ("L", -2), 0x2C: ("m3", -2)}

# One step of each field in fine units: energy in mW·s, power in mW, volume in 1e-7 m3, flow in
# 1e-7 m3/h. (Dicts of whole numbers, so that a unit the meter cannot count in is a KeyError.)
_ENERGY_STEP = {"Wh": 36_000, "kWh": 36_000_000, "MWh": 36_000_000_000, "GJ": 10_000_000_000}
_POWER_STEP = {"W": 10, "kW": 10_000, "MW": 10_000_000}
_VOLUME_STEP = {"L": 100, "m3": 100_000}
_FLOW_STEP = {"L/h": 1, "m3/h": 1_000}

# Heat carried by water: 1.163 kWh for each m3 and kelvin (field practice near 50 °C).
_WH_PER_M3_K = 1163


@dataclass(frozen=True)
class Units:
    heat: str
    power: str
    flow: str
    volume: str


@dataclass(frozen=True)
class Readings:
    """The fields of one answer as the BCD numbers that stand in it."""

    settlement_heat: int
    heat: int
    power: int
    flow: int
    volume: int
    supply: int
    return_: int
    hours: int
    time: datetime

    def quantities(self, units: Units) -> dict[str, Quantity]:
        return {
            "settlement_heat": Quantity(self.settlement_heat, -2, units.heat),
            "heat": Quantity(self.heat, -2, units.heat),
            "power": Quantity(self.power, -2, units.power),
            "flow": Quantity(self.flow, -4, units.flow),
            "volume": Quantity(self.volume, -2, units.volume),
            "supply_temperature": Quantity(self.supply, -2, "°C"),
            "return_temperature": Quantity(self.return_, -2, "°C"),
            "hours": Quantity(self.hours, 0, "h"),
        }


class Wheel:
    """The meter's calculator: every `cycle_s` it measures, and adds what passed since."""

    def __init__(self, first: Readings, units: Units, cycle_s: int, seed: int):
        self.readings = first
        self._first = first
        self._units = units
        self._cycle_s = cycle_s
        self._cycles = 0
        self._random = random.Random(seed)
        self._energy_mws = 0
        self._volume_acc = 0  # 1e-7 m3/h times seconds
        self._power_mw = first.power * _POWER_STEP[units.power]

    def turn(self) -> Readings:
        """One cycle: what ran since the last one is added, then flow and heat are measured."""
        first, units, last = self._first, self._units, self.readings
        self._cycles += 1
        self._energy_mws += self._power_mw * self._cycle_s
        self._volume_acc += last.flow * _FLOW_STEP[units.flow] * self._cycle_s
        elapsed_s = self._cycles * self._cycle_s
        flow = self._wander(last.flow, first.flow, first.flow // 50, first.flow // 5)
        supply = self._wander(last.supply, first.supply, 8, 150)
        return_ = min(self._wander(last.return_, first.return_, 5, 100), supply)
        # 1e-7 m3/h x 0.01 K x Wh/(m3 K) = 1e-9 W = 1e-6 mW
        self._power_mw = (
            flow * _FLOW_STEP[units.flow] * (supply - return_) * _WH_PER_M3_K // 1_000_000
        )
        self.readings = replace(
            last,
            heat=(first.heat + self._energy_mws // _ENERGY_STEP[units.heat]) % 10**8,
            power=self._power_mw // _POWER_STEP[units.power],
            flow=flow,
            volume=(first.volume + self._volume_acc // (3600 * _VOLUME_STEP[units.volume]))
            % 10**8,
            supply=supply,
            return_=return_,
            hours=(first.hours + elapsed_s // 3600) % 10**6,
            time=first.time + timedelta(seconds=elapsed_s),
        )
        return self.readings

    def _wander(self, now: int, home: int, step: int, reach: int) -> int:
        """A step up or down, never further than `reach` from home and never below zero."""
        moved = now + self._random.randint(-step, step)
        return max(0, home - reach, min(home + reach, moved))
