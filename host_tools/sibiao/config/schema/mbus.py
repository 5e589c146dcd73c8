"""What a profile of an M-Bus meter may hold: which of its records is which quantity of the point,
what it does otherwise than EN 13757, and telegrams that prove it."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sibiao.config.schema.base import Text
from sibiao.config.schema.bus import BusField, BusMeter

# What the VIF says where a record does not name its kind.
KINDS = {
    "energy": "energy",
    "settlement_energy": "energy",
    "cooling_energy": "energy",
    "volume": "volume",
    "settlement_volume": "volume",
    "reverse_volume": "volume",
    "power": "power",
    "flow": "volume flow",
    "supply_temperature": "flow temperature",
    "return_temperature": "return temperature",
    "operating_hours": "operating time",
    "meter_time": "date and time",
    "meter_status": "error flags",
}


def _secondary(text: str) -> str:
    if not re.fullmatch(r"[0-9F]{8}([0-9A-F]{8})?", text):
        raise ValueError(
            "must be the 8 digits of the meter's identification (F for any digit), or these and "
            "8 more for manufacturer, version and medium as they go over the wire (FF for any)"
        )
    return text


SecondaryAddress = Annotated[
    str,
    Text(
        _secondary,
        "^[0-9F]{8}([0-9A-F]{8})?$",
        "8 digits in quotes (F for any), or 16: these, manufacturer, version and medium",
    ),
]


class RecordMbus(BusField):
    """A record of the telegram: it is told by what its DIF, VIF and their extensions say. `unit`
    is the base unit, `any` for whichever comes; `modifier` and `detail` are the codes that
    `meters/mbus_vife.py` gives to orthogonal and manufacturers' VIFEs and to names."""

    clock_from: ClassVar[int] = 2

    kind: str | None = None
    unit: Literal["", "Wh", "J", "W", "m3", "m3/h", "°C", "h", "any"] = ""
    function: Literal["instantaneous", "maximum", "minimum", "error"] = "instantaneous"
    storage: int = Field(0, ge=0, le=0xFFFF)
    tariff: int = Field(0, ge=0, le=0xFF)
    subunit: int = Field(0, ge=0, le=0xFF)
    modifier: int = Field(0, ge=0, le=0xFF)
    detail: int = Field(0, ge=0, le=0xFF)
    optional: bool = False

    @property
    def kind_name(self) -> str | None:
        return self.kind or KINDS.get(self.quantity)

    @model_validator(mode="after")
    def _has_kind(self):
        if self.kind_name is None:
            raise ValueError(f"{self.quantity!r} needs the kind of its record")
        return self


class MbusMeter(BusMeter):
    """`telegrams`: how many are asked for at most; where a meter has more than that, it begins
    anew with each poll. `unit_loads`: of 1.5 mA each, that it draws from the bus. `switch_baud`:
    the rate that it is told to take before it is read; where it does not, it is read at its
    line's."""

    link: Literal["mbus"]
    fields: list[RecordMbus] = Field(min_length=1)
    quirks: list[Literal["wide 0C", "bcd dates"]] = Field(default_factory=list)
    telegrams: int = Field(8, ge=1, le=32)
    unit_loads: int = Field(1, ge=1, le=16)
    switch_baud: Literal[300, 600, 1200, 2400, 4800, 9600, 19200, 38400] | None = None
