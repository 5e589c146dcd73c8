"""What is said of a frame: every byte in one span, every value in one record."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass
class Record:
    """One value. `value` is an exact decimal, a date as in ISO 8601, a text, or None: unknown."""

    quantity: str
    value: str | None
    unit: str
    function: str
    storage: int
    tariff: int
    subunit: int
    raw: str
    offset: int


@dataclass
class Span:
    """Bytes that belong together. Every byte of the frame is in exactly one span."""

    offset: int
    raw: str
    meaning: str
    value: str | None
    unit: str | None
    understood: bool


@dataclass
class Explained:
    link: str
    valid: bool
    error: str | None
    frame: dict = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def as_json(self) -> dict:
        """The contract of `sibiao decode --json` (docs/decode.md)."""
        return {
            "link": self.link,
            "valid": self.valid,
            "error": self.error,
            "frame": self.frame,
            "records": [asdict(record) for record in self.records],
        }
