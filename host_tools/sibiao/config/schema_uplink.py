"""What an uplink profile may hold: the line, the services of the station, the data identifiers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sibiao.config.schema_base import File, Table
from sibiao.config.schema_meter import Line, Pattern

# Modules of converter.station.
Service = Literal[
    "address",
    "read",
    "broadcast_time",
    "write",
    "write_address",
    "freeze",
    "baud",
    "password",
    "clear_events",
]

# What can be written with 14H: its name in converter.model.change, and the bytes of its value (of
# a dial: besides its digits, the reason).
WRITES = {
    "date": ("CLOCK", 4),
    "time": ("CLOCK", 3),
    "date_time": ("CLOCK", 7),
    "address": ("ADDRESS", 6),
    "settlement": ("SETTLEMENT", 2),
    "dial": ("DIAL", 1),
    "alarms": ("ALARMS", 2),
}

Di = Annotated[str, Field(pattern=r"^[0-9A-F]{2}([0-9A-F]{2}|\*\*)[0-9A-F]{4}$")]


class Identifier(Table):
    """One data identifier: DI3 first, `**` for DI2 where it is the point number."""

    di: Di
    quantity: str
    format: Pattern
    unit: str = ""
    signed: bool = False


class Write(Table):
    """One data identifier that may be written, with a password of its level or a higher one (02).
    `format`, of a dial: its digits in m3, behind which the reason stands."""

    di: Di
    what: Literal[*WRITES]
    level: Literal[2, 4] = 4
    format: Pattern = "XXXXXX.XX"


class Uplink(File):
    title: str
    line: Line
    preamble_bytes: int = Field(4, ge=0, le=4)
    services: list[Service] = Field(default_factory=lambda: ["address", "read"])
    sealed: Literal["off", "writes", "all"] = "off"  # which requests must be sealed
    identifiers: list[Identifier]
    writes: list[Write] = Field(default_factory=list)
