"""What the profile of every meter on a bus may hold, whichever link it speaks."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sibiao.config.schema.base import File, Table, Text

Baud = Literal[300, 600, 1200, 2400, 4800, 9600, 19200]
Parity = Literal["N", "E", "O"]


def _meter_address(text: str) -> str:
    if not re.fullmatch(r"[0-9F]{14}|[0-9]{1,3}", text):
        raise ValueError(
            "must be 14 digits, most significant first (F for a digit that the meter leaves out), "
            "or of an M-Bus meter its primary address"
        )
    return text


MeterAddress = Annotated[
    str,
    Text(
        _meter_address,
        "^([0-9F]{14}|[0-9]{1,3})$",
        "14 digits in quotes (CJ/T 188; F for one that is left out), or 0 to 250 (M-Bus)",
    ),
]


class Line(Table):
    baud: Baud = 2400
    parity: Parity = "E"


class BusField(Table):
    """A quantity that the meter's answer holds."""

    clock_from: ClassVar[int]  # the first of the digits YYYYMMDDhhmmss that a point keeps

    quantity: str

    @property
    def is_clock(self) -> bool:
        return self.quantity == "meter_time"

    @property
    def is_status(self) -> bool:
        return self.quantity == "meter_status"

    def clock_number(self, text: str) -> int:
        """An ISO 8601 time as a point keeps it."""
        return int(re.sub(r"\D", "", text).ljust(14, "0")[self.clock_from :])


class Golden(Table):
    """A published telegram and what it says. `borrowed` names the kind of meter that sent it where
    that is not the profile's: then it proves the layout and no more."""

    source: str
    telegram: str
    values: dict[str, str]
    synthetic: bool = False
    borrowed: str | None = None


class Maxima(Table):
    """The most that the main index rises in an hour: of energy, of any other. Without it, only a
    falling index is doubted."""

    max_flow_m3_per_h: float | None = Field(None, gt=0)
    max_power_kw: float | None = Field(None, gt=0)


class BusMeter(File, Maxima):
    """What every meter on a bus has. `settle_ms` is how long it needs after its bus was powered.
    `alarms`: which bits of the status that it sends are alarms of its point, by number or in
    words; left out, those of the standard."""

    title: str
    medium: Literal["water", "gas", "heat"]
    line: Line = Line()
    settle_ms: int = Field(0, ge=0, le=60000)
    alarms: list[int | str] | None = None
    golden: list[Golden]

    @property
    def has_status(self) -> bool:
        return any(field.is_status for field in self.fields)

    @model_validator(mode="after")
    def _each_once(self):
        names = [field.quantity for field in self.fields]
        if len(set(names)) < len(names):
            raise ValueError("fields: a quantity stands twice")
        return self


class TransparentMeter(File):
    """A meter outside both standards: it is never polled and publishes nothing, so it needs no
    layout and no golden telegram; frames are passed through to it. `quiet_ms`: so long a pause
    ends its answer."""

    title: str
    link: Literal["transparent"]
    medium: Literal["water", "gas", "heat"]
    line: Line = Line()
    settle_ms: int = Field(0, ge=0, le=60000)
    quiet_ms: int = Field(100, ge=10, le=1000)
