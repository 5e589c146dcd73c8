"""What every table of every TOML file is made of."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema


def in_words(pattern: str, description: str) -> WithJsonSchema:
    """What editors and messages say of a text that a validator of ours judges."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "description": description})


def digits(n):
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{n}}}", text):
            raise ValueError(f"must be {n} decimal digits, most significant first")
        return text

    said = f"{n} digits in quotes, most significant first"
    return Annotated[str, AfterValidator(check), in_words(rf"^[0-9]{{{n}}}$", said)]


def hexadecimal(n):
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{2 * n}}}", text):
            raise ValueError(f"must be {2 * n} hexadecimal digits")
        return text.upper()

    said = f"{2 * n} hexadecimal digits in quotes"
    return Annotated[str, AfterValidator(check), in_words(rf"^[0-9A-Fa-f]{{{2 * n}}}$", said)]


def _pattern(text: str) -> str:
    if not re.fullmatch(r"X+(\.X+)?", text) or text.count("X") % 2:
        raise ValueError("must be an even number of X with at most one point, such as XXXXXX.XX")
    return text


Pattern = Annotated[
    str,
    AfterValidator(_pattern),
    in_words(
        r"^(XX)+$|^X(XX)*\.X(XX)*$|^(XX)+\.(XX)+$",
        "an X for each digit, an even number of them, with at most one point: XXXXXX.XX",
    ),
]
Gpio = Annotated[int, Field(ge=0, le=48)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(Table):
    schema_: Literal[1] = Field(alias="schema")
