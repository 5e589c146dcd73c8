"""What a telegram says, byte by byte: the same shape for every link.

`as_json` is the stable contract of `sibiao decode --json`: numbers are exact decimal strings,
dates ISO 8601, units without prefixes. Spans are for people: together they are the telegram.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Record:
    """One value that the telegram holds; `value` is None when the meter says it has none."""

    quantity: str
    value: str | None
    unit: str
    function: str
    storage: int
    tariff: int
    subunit: int
    raw: str
    offset: int

    def as_json(self) -> dict:
        # Written out: `dataclasses.asdict` copies deeply, and logs hold many telegrams.
        return {
            "quantity": self.quantity,
            "value": self.value,
            "unit": self.unit,
            "function": self.function,
            "storage": self.storage,
            "tariff": self.tariff,
            "subunit": self.subunit,
            "raw": self.raw,
            "offset": self.offset,
        }


@dataclass(slots=True)
class Span:
    """Some bytes and what they mean; every byte of a telegram is in exactly one span."""

    offset: int
    raw: str
    meaning: str
    value: str | None = None
    unit: str | None = None
    understood: bool = True


@dataclass(slots=True)
class Explained:
    """A telegram explained. Not `valid`: not sound, and then it has no records."""

    link: str
    valid: bool
    error: str | None
    frame: dict = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def as_json(self) -> dict:
        return {
            "link": self.link,
            "valid": self.valid,
            "error": self.error,
            "frame": self.frame,
            "records": [record.as_json() for record in self.records],
        }


def decimal_text(value: int | None, exponent: int) -> str | None:
    """Whole number and decimal exponent as exact digits: (1234560, -2) is "12345.6"."""
    if value is None:
        return None
    if not value:
        return "0"
    if exponent >= 0:
        return str(value * 10**exponent)
    digits = str(abs(value)).rjust(1 - exponent, "0")
    text = (digits[:exponent] + "." + digits[exponent:]).rstrip("0").rstrip(".")
    return "-" + text if value < 0 else text
