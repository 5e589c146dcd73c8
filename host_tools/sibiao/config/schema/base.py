"""What every table of every TOML file is made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import core_schema


@dataclass(frozen=True)
class Text:
    """A text that `check` takes or refuses with a ValueError; what editors and messages say of
    it."""

    check: Callable[[str], str]
    pattern: str
    description: str

    def __get_pydantic_core_schema__(self, source, handler):
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema, handler):
        return {"type": "string", "pattern": self.pattern, "description": self.description}


def digits(n: int) -> Text:
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{n}}}", text):
            raise ValueError(f"must be {n} decimal digits, most significant first")
        return text

    return Text(check, rf"^[0-9]{{{n}}}$", f"{n} digits in quotes, most significant first")


def hexadecimal(n: int) -> Text:
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{2 * n}}}", text):
            raise ValueError(f"must be {2 * n} hexadecimal digits")
        return text.upper()

    return Text(check, rf"^[0-9A-Fa-f]{{{2 * n}}}$", f"{2 * n} hexadecimal digits in quotes")


def _pattern(text: str) -> str:
    if not re.fullmatch(r"X+(\.X+)?", text) or text.count("X") % 2:
        raise ValueError("must be an even number of X with at most one point, such as XXXXXX.XX")
    return text


Pattern = Annotated[
    str,
    Text(
        _pattern,
        r"^((XX)+|X(XX)*\.X(XX)*|(XX)+\.(XX)+)$",
        "an X for each digit, an even number of them, with at most one point: XXXXXX.XX",
    ),
]


def _gpio(pin: int | str) -> int | str:
    if isinstance(pin, int) and not isinstance(pin, bool) and 0 <= pin <= 48:
        return pin
    if isinstance(pin, str) and re.fullmatch(r"[A-Z][A-Z0-9_]*", pin):
        return pin
    raise ValueError(
        "must be a GPIO number, 0 to 48, or a pin's name in MicroPython, such as 'X1'"
    )


Gpio = Annotated[
    int | str,
    AfterValidator(_gpio),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 48},
                {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
            ],
            "description": "a GPIO number, 0 to 48, or a pin's name in MicroPython, such as X1",
        }
    ),
]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class File(Table):
    schema_: Literal[1] = Field(alias="schema")
