"""What a profile of a CJ/T 188 meter may hold: how it is asked, what it does otherwise than the
standard, which bytes are which quantity, and telegrams that prove it."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from sibiao.config.schema.base import Pattern, Table, hexadecimal
from sibiao.config.schema.bus import BusField, BusMeter


def _words(bits: dict[str, str]) -> dict[str, str]:
    for bit in bits:
        if not re.fullmatch(r"[0-9]|1[0-5]", bit):
            raise ValueError(f"{bit!r} is no bit: they are 0 to 7 in ST0 and 8 to 15 in ST1")
    return bits


Order = Literal["low first", "high first"]


class Request(Table):
    """How the meter is asked: its type byte, the data identifier as it goes over the wire (before
    any 33H is added), and the function where it is not "read data"."""

    type: Annotated[str, hexadecimal(1)]
    di: Annotated[str, hexadecimal(2)]
    function: Annotated[str, hexadecimal(1)] = "01"

    @property
    def mirrored(self) -> bool:
        """Whether DI1 goes first. In every identifier of the standard DI0 is the larger."""
        return self.di[:2] < self.di[2:]


class Answer(Table):
    """What tells this meter's answer from others: its type byte, the bytes behind the sequence
    number, and those it sends after the end of the frame."""

    type: Annotated[str, hexadecimal(1)] | None = None
    body_bytes: int | None = Field(None, ge=1, le=97)
    trailing_bytes: int = Field(0, ge=0, le=16)


class Dialect(Table):
    """Where the meter leaves the standard."""

    data_plus_33: bool = False
    address_order: Order = "low first"
    number_order: Order = "low first"
    unit_position: Literal["after", "before"] = "after"
    clock_order: Order = "low first"  # in answers
    set_clock_order: Order = "low first"  # when its clock is set
    absent: list[Literal["99", "00", "FF"]] = Field(default_factory=list)
    unit_of_zero: str | None = None  # for a zero with unit byte 00, as a new meter sends it


class Field188(BusField):
    """One field of the answer's body: where its first byte stands and how it is written. Without
    `unit` a unit byte stands beside it. A clock is 7 BCD bytes, the status 1 or 2 bytes of bits:
    they have no format."""

    clock_from: ClassVar[int] = 0

    offset: int = Field(ge=0, le=96)
    format: Pattern | None = None
    unit: str | None = None
    coding: Literal["bcd", "binary"] = "bcd"
    status_bytes: int | None = Field(None, ge=1, le=2)

    @property
    def width(self) -> int:
        if self.is_clock:
            return 7
        return self.status_bytes or 2 if self.is_status else self.format.count("X") // 2

    @property
    def has_unit_byte(self) -> bool:
        return self.unit is None and not (self.is_clock or self.is_status)

    @model_validator(mode="after")
    def _is_whole(self):
        if (self.is_clock or self.is_status) == (self.format is not None):
            raise ValueError("needs a format, unless it is meter_time or meter_status")
        if self.status_bytes and not self.is_status:
            raise ValueError("status_bytes is for meter_status")
        return self


class Cjt188Meter(BusMeter):
    link: Literal["cjt188"]
    request: Request
    answer: Answer = Answer()
    dialect: Dialect = Dialect()
    fields: list[Field188] = Field(min_length=1)
    status: Annotated[dict[str, str], AfterValidator(_words)] = Field(
        default_factory=dict,
        json_schema_extra={"propertyNames": {"pattern": "^([0-9]|1[0-5])$"}},
    )

    @model_validator(mode="after")
    def _units_have_room(self):
        if self.dialect.unit_position == "before" and any(
            f.has_unit_byte and f.offset == 0 for f in self.fields
        ):
            raise ValueError("fields: no unit byte can stand before offset 0")
        return self
