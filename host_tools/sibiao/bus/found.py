"""What a scan has found: meters, and what else is to be said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from converter.link.cjt188 import TYPE


class Reading(NamedTuple):
    """A quantity of a profile, as exact decimal text; None: the meter has it not."""

    quantity: str
    value: str | None
    unit: str

    @property
    def text(self) -> str:
        return "unknown" if self.value is None else f"{self.value} {self.unit}".strip()


@dataclass(frozen=True)
class Fit:
    """A profile by which all that it needs of a meter can be read; the higher score is better."""

    profile: str
    score: tuple
    readings: tuple[Reading, ...]

    def shown(self, most: int) -> str:
        """The first few in one line, what the meter is there for before all others."""
        first = sorted(self.readings, key=lambda r: r.quantity not in ("energy", "volume"))
        return ", ".join(f"{r.quantity} {r.text}" for r in first[:most])


@dataclass
class Meter:
    """`telegrams`: its reading, empty where it gave none. CJ/T 188 has `wire_address`; M-Bus has
    `primary`, and `secondary` where its telegram names it (FF for what that leaves open)."""

    link: str
    baud: int
    parity: str
    telegrams: list[bytes] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    wire_address: bytes | None = None
    address: str | None = None  # CJ/T 188: 14 digits, as its profile orders them
    primary: int | None = None
    secondary: bytes | None = None
    by_primary: bool = False  # it answers alone at its primary address
    by_secondary: bool = False  # it alone is selected by its secondary address
    fabrication: str | None = None  # it alone is selected by this besides, 8 digits
    also_at: list[tuple[int, str]] = field(default_factory=list)

    @property
    def best(self) -> Fit | None:
        return self.fits[0] if self.fits else None

    @property
    def kind(self) -> int | None:
        """CJ/T 188: the type byte of its answer."""
        return self.telegrams[0][TYPE] if self.wire_address and self.telegrams else None

    @property
    def secondary_text(self) -> str | None:
        """As a community writes it: 8 digits of the ID, then 8 as they go over the wire."""
        if self.secondary is None:
            return None
        return (self.secondary[3::-1] + self.secondary[4:]).hex().upper()

    def as_json(self) -> dict:
        best = self.best
        return {
            "link": self.link,
            "baud": self.baud,
            "parity": self.parity,
            "also_at": [{"baud": baud, "parity": parity} for baud, parity in self.also_at],
            "address": self.address,
            "primary": self.primary,
            "secondary": self.secondary_text,
            "fabrication": self.fabrication,
            "profile": best and best.profile,
            "also_fits": [fit.profile for fit in self.fits[1:]],
            "readings": [reading._asdict() for reading in best.readings] if best else [],
            "telegrams": [telegram.hex().upper() for telegram in self.telegrams],
        }


class Note(NamedTuple):
    """What a person should know or do; `link` and line where it is about one."""

    text: str
    link: str | None = None
    baud: int | None = None
    parity: str | None = None


@dataclass
class Report:
    """`complete`: everything planned was asked."""

    bus: str
    meters: list[Meter] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    complete: bool = False

    def add(self, meter: Meter) -> Meter:
        """The meter, or the one that it is already: heard again by another way or at another
        line setting. Without a number of its own it is another wherever it says another thing."""
        for known in self.meters:
            if _is_same(known, meter):
                setting = (meter.baud, meter.parity)
                if setting != (known.baud, known.parity) and setting not in known.also_at:
                    known.also_at.append(setting)
                known.by_primary |= meter.by_primary
                known.by_secondary |= meter.by_secondary
                known.fabrication = known.fabrication or meter.fabrication
                if not known.telegrams:
                    known.telegrams, known.fits = meter.telegrams, meter.fits
                return known
        self.meters.append(meter)
        return meter

    def note(self, text: str, *about) -> None:
        note = Note(text, *about)
        if note not in self.notes:
            self.notes.append(note)

    def as_json(self) -> dict:
        return {
            "bus": self.bus,
            "complete": self.complete,
            "asked": [dict(zip(("link", "baud", "parity"), a, strict=True)) for a in self.asked],
            "meters": [meter.as_json() for meter in self.meters],
            "notes": [note._asdict() for note in self.notes],
        }


def _is_same(a: Meter, b: Meter) -> bool:
    if (a.link, a.wire_address, a.kind) != (b.link, b.wire_address, b.kind):
        return False
    if a.fabrication and b.fabrication and a.fabrication != b.fabrication:
        return False
    if a.primary != b.primary or a.secondary != b.secondary:
        return False
    return a.secondary is not None or a.wire_address is not None or a.telegrams == b.telegrams
