"""What every table of every TOML file is made of."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def digits(n):
    def check(text: str) -> str:
        if not re.fullmatch(rf"\d{{{n}}}", text):
            raise ValueError(f"must be {n} decimal digits, most significant first")
        return text

    return AfterValidator(check)


def hexadecimal(n):
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{2 * n}}}", text):
            raise ValueError(f"must be {2 * n} hexadecimal digits")
        return text.upper()

    return AfterValidator(check)


def _pattern(text: str) -> str:
    if not re.fullmatch(r"X+(\.X+)?", text) or text.count("X") % 2:
        raise ValueError("must be an even number of X with at most one point, such as XXXXXX.XX")
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


def _gpio(pin: int | str) -> int | str:
    if isinstance(pin, int) and not isinstance(pin, bool) and 0 <= pin <= 48:
        return pin
    if isinstance(pin, str) and re.fullmatch(r"[A-Z][A-Z0-9_]*", pin):
        return pin
    raise ValueError(
        "must be a GPIO number, 0 to 48, or a pin's name in MicroPython, such as 'X1'"
    )


Gpio = Annotated[int | str, AfterValidator(_gpio)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(Table):
    schema_: Literal[1] = Field(alias="schema")
