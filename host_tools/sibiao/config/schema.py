"""What the TOML files may hold. One definition; unknown keys are errors."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _digits(n):
    def check(text: str) -> str:
        if not re.fullmatch(rf"\d{{{n}}}", text):
            raise ValueError(f"must be {n} decimal digits, most significant first")
        return text

    return AfterValidator(check)


def _hex(n):
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{2 * n}}}", text):
            raise ValueError(f"must be {2 * n} hexadecimal digits")
        return text.upper()

    return AfterValidator(check)


def _pattern(text: str) -> str:
    if not re.fullmatch(r"X+(\.X+)?", text) or text.count("X") % 2:
        raise ValueError("must be an even number of X with at most one point, such as XXXXXX.XX")
    return text


StationAddress = Annotated[str, _digits(12)]
MeterAddress = Annotated[str, _digits(14)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Gpio = Annotated[int, Field(ge=0, le=48)]
Baud = Literal[600, 1200, 2400, 4800, 9600, 19200]
Parity = Literal["N", "E", "O"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _File(_Table):
    schema_: Literal[1] = Field(alias="schema")


class Uart(_Table):
    """Where a board brings out one UART."""

    uart: int = Field(ge=0, le=3)
    tx: Gpio
    rx: Gpio


class PulseInput(_Table):
    """One pulse input of a board."""

    gpio: Gpio
    source: Literal["irq"] = "irq"
    active: Literal["low", "high"] = "low"
    pull_up: bool = True


class Board(_File):
    title: str
    mcu: Literal["rp2040"]
    led: Gpio
    uarts: dict[str, Uart]
    pulse_inputs: dict[str, PulseInput] = {}


class Line(_Table):
    baud: Baud = 2400
    parity: Parity = "E"


class Weight(_Table):
    """What one pulse is worth: numerator/denominator units of 10**exponent m3."""

    numerator: int = Field(ge=1)
    denominator: int = Field(1, ge=1)
    exponent: int = Field(ge=-6, le=3)


class PulseMeter(_File):
    title: str
    link: Literal["pulse"]
    medium: Literal["water", "gas"]
    weight: Weight
    dial_digits: int = Field(ge=4, le=12)
    min_active_ms: float = Field(gt=0)
    min_idle_ms: float = Field(gt=0)


class Request(_Table):
    """How the meter is asked: its type byte and the data identifier as it goes over the wire."""

    type: Annotated[str, _hex(1)]
    di: Annotated[str, _hex(2)]


class Field188(_Table):
    """One BCD field of the answer's body. Without `unit`, a unit byte follows the field."""

    quantity: str
    offset: int = Field(ge=0, le=96)
    format: Pattern
    unit: str | None = None


class Golden(_Table):
    """A published telegram and what it says."""

    source: str
    telegram: str
    values: dict[str, str]
    synthetic: bool = False


class Cjt188Meter(_File):
    title: str
    link: Literal["cjt188"]
    medium: Literal["water", "gas", "heat"]
    line: Line
    request: Request
    fields: list[Field188]
    golden: list[Golden]


class Identifier(_Table):
    """One data identifier: DI3 first, `**` for DI2 where it is the point number."""

    di: Annotated[str, Field(pattern=r"^[0-9A-F]{2}([0-9A-F]{2}|\*\*)[0-9A-F]{4}$")]
    quantity: str
    format: Pattern
    unit: str = ""
    signed: bool = False


class Uplink(_File):
    title: str
    line: Line
    preamble_bytes: int = Field(4, ge=0, le=4)
    identifiers: list[Identifier]


class Point(_Table):
    """A metering point: one meter, where it is wired, and how it is named on the way up."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    address: StationAddress
    meter: str
    wired_to: str
    meter_address: MeterAddress | None = None
    base_reading: str = "0"


class Policy(_Table):
    commit_every_pulses: int = Field(10, ge=1)
    commit_every_s: int = Field(60, ge=1)
    poll_every_s: int = Field(60, ge=1)
    poll_tries: int = Field(3, ge=1, le=3)


class Community(_File):
    title: str
    board: str
    uplink: str
    serial: str = Field(pattern=r"^[A-Z0-9]{4,16}$")
    address: StationAddress
    bind: Literal["converter", "point"] = "converter"
    policy: Policy = Policy()
    points: list[Point] = Field(min_length=1)
