"""What the TOML files may hold about pulses: sources, contacts, meters, limits."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from sibiao.config.schema.base import File, Gpio, Table

Level = Literal["low", "high"]


class Namur(Table):
    """Voltages on the ADC pin of a contact with two resistors, in mV."""

    cut_below_mv: int = Field(ge=0, le=3300)
    open_below_mv: int = Field(ge=0, le=3300)
    closed_above_mv: int = Field(ge=0, le=3300)
    short_above_mv: int = Field(ge=0, le=3300)


class PulseInput(Table):
    """One input of a board: a contact that is counted or looked at. `max_hz`: what its circuit
    lets through."""

    gpio: Gpio
    source: Literal["pio", "irq", "poll", "counter", "namur"] = "irq"
    active: Level = "low"
    pull_up: bool = True
    max_hz: float | None = Field(None, gt=0)
    namur: Namur | None = None


class Weight(Table):
    """What one pulse is worth: numerator/denominator units of 10**exponent m3."""

    numerator: int = Field(ge=1)
    denominator: int = Field(1, ge=1)
    exponent: int = Field(ge=-6, le=3)


class Limits(Table):
    """When a total's behaviour is an alarm; what is left out is not watched."""

    over_flow_m3_per_h: float | None = Field(None, gt=0)
    over_flow_s: int = Field(600, ge=1)
    burst_m3_per_h: float | None = Field(None, gt=0)
    burst_s: int = Field(30, ge=1)
    leak_pause_min: int | None = Field(None, ge=1, le=1440)
    no_consumption_h: int | None = Field(None, ge=1)
    backflow_pulses: int | None = Field(None, ge=1)


class PulseMeter(File):
    """`contacts`: one; two that overlap, A closing first when water runs forwards; or two that
    close in turn and never together."""

    title: str
    link: Literal["pulse"]
    medium: Literal["water", "gas"]
    weight: Weight
    dial_digits: int = Field(ge=4, le=12)
    contacts: Literal["single", "quadrature", "sequence"] = "single"
    max_flow_m3_per_h: float = Field(gt=0)
    shortest_active_ms: Annotated[float, Field(gt=0)]
    shortest_idle_ms: Annotated[float, Field(gt=0)]
    min_active_ms: Annotated[float, Field(gt=0)]
    min_idle_ms: Annotated[float, Field(gt=0)]
    tamper_when: Literal["open", "closed"] = "open"
    alarms: Limits = Limits()

    @property
    def m3_per_pulse(self) -> Decimal:
        weight = self.weight
        return Decimal(weight.numerator) / weight.denominator * Decimal(10) ** weight.exponent

    @property
    def max_pulses_per_h(self) -> int:
        """The most the meter gives in an hour, at its largest flow; rounded up."""
        return math.ceil(Decimal(str(self.max_flow_m3_per_h)) / self.m3_per_pulse)
