"""The rows of an uplink profile: which data identifier is read or written as what."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from sibiao.config.schema.base import Pattern, Table

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

Di = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-F]{2}([0-9A-F]{2}|\*\*)[0-9A-F]{4}$",
        description="8 hexadecimal digits in quotes, DI3 first; DI2 may be ** (the point)",
    ),
]
Source = Literal[
    "value", "freeze", "freeze time", "clock", "text", "state", "settlement", "constant"
]

# Which keys tell what a source gives, beside `di`, `format` and `block`.
_KEYS = {
    "value": {"quantity", "unit", "signed", "time"},
    "freeze": {"quantity", "unit", "kind", "back"},
    "freeze time": {"kind", "back"},
    "clock": set(),
    "text": {"text"},
    "state": {"back"},
    "settlement": set(),
    "constant": {"constant"},
}
_TIMES = ("freeze time", "clock", "settlement")
_OPTIONAL = {"unit", "signed", "time", "back"}


def _format(text: str) -> str:
    is_number = re.fullmatch(r"X+(\.X+)?", text) and text.count("X") % 2 == 0
    if not is_number and not re.fullmatch(r"(YY)?(MM)?(DD)?(WW)?(hh)?(mm)?(ss)?", text):
        raise ValueError(
            "must be an even number of X with at most one point, such as XXXXXX.XX, or of a time "
            "some of YYMMDDWWhhmmss in that order"
        )
    if not text or text.count("X") > 126:
        raise ValueError("must be 1 to 63 bytes long")
    return text


def is_time(text: str) -> bool:
    return "X" not in text


class Identifier(Table):
    """One data identifier: DI3 first, `**` for DI2 where it is the point number, `##` for DI0
    where it counts back (1 is the newest freeze) or numbers status words."""

    di: Annotated[
        str,
        Field(pattern=r"^[0-9A-F]{2}([0-9A-F]{2}|\*\*)[0-9A-F]{2}([0-9A-F]{2}|##)$"),
    ]
    format: Annotated[str, AfterValidator(_format)]
    source: Source = "value"
    quantity: str | None = None
    unit: str = ""
    signed: bool = False
    time: Literal["alone", "block"] | None = None  # DI0 + 1 is the value's time; in blocks, too?
    kind: Literal["hour", "day", "month", "year", "instant", "timed"] | None = None
    back: int | None = Field(None, ge=1, le=254)
    text: str | None = None
    constant: int | None = Field(None, ge=0, le=65535)
    block: bool = True  # part of blocks
    _file: str = PrivateAttr("")  # where it stands, if it was included

    @model_validator(mode="after")
    def _fits_its_source(self):
        allowed = _KEYS[self.source]
        every = set().union(*_KEYS.values())
        given = {k for k in self.model_fields_set if k in every and getattr(self, k) is not None}
        if wrong := sorted(given - allowed):
            raise ValueError(f'{self.di}: source = "{self.source}" takes no {", ".join(wrong)}')
        if missing := sorted(allowed - given - _OPTIONAL):
            raise ValueError(f'{self.di}: source = "{self.source}" needs {", ".join(missing)}')
        if is_time(self.format) != (self.source in _TIMES):
            raise ValueError(f'{self.di}: {self.format} is no format for "{self.source}"')
        counted = self.source.startswith("freeze") or self.source == "state"
        if counted != self.di.endswith("##"):
            raise ValueError(f"{self.di}: ## is for freezes and status words, and these need it")
        if "FF" in (self.di[:2], self.di[2:4], self.di[4:6], self.di[6:]):
            raise ValueError(f"{self.di}: FF stands for blocks, which need no row of their own")
        return self

    @property
    def file(self) -> str:
        """The uplink that it stands in."""
        return self._file

    @property
    def is_by_point(self) -> bool:
        return "**" in self.di

    @property
    def width(self) -> int:
        """Bytes on the wire."""
        return len(self.format) // 2 if is_time(self.format) else self.format.count("X") // 2

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        if self.source == "value":
            return self.quantity
        if self.source == "freeze":
            return f"{self.quantity} frozen, {self.kind}"
        return f"{self.source}, {self.kind}" if self.kind else self.source


class Write(Table):
    """One data identifier that may be written, with a password of its level or a higher one (02).
    `format`, of a dial: its digits in m3, behind which the reason stands."""

    di: Di
    what: Literal[*WRITES]
    level: Literal[2, 4] = 4
    format: Pattern = "XXXXXX.XX"
