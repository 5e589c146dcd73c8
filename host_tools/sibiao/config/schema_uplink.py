"""What an uplink profile may hold: the line, the services of the station, the data identifiers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sibiao.config.schema_base import File, Pattern, Table
from sibiao.config.schema_bus import Line

Service = Literal["address", "read"]  # modules of converter.station


class Identifier(Table):
    """One data identifier: DI3 first, `**` for DI2 where it is the point number."""

    di: Annotated[str, Field(pattern=r"^[0-9A-F]{2}([0-9A-F]{2}|\*\*)[0-9A-F]{4}$")]
    quantity: str
    format: Pattern
    unit: str = ""
    signed: bool = False


class Uplink(File):
    title: str
    line: Line
    preamble_bytes: int = Field(4, ge=0, le=4)
    services: list[Service] = Field(default_factory=lambda: ["address", "read"])
    identifiers: list[Identifier]
