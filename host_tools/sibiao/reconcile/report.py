"""What was found of each meter, and of all: for people, for programs, as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sibiao.reconcile.cause import Finding, finding
from sibiao.reconcile.course import Compared, Course
from sibiao.reconcile.misread import misread
from sibiao.reconcile.proof import Proof

METERS = (
    "converter", "address", "point", "cause", "drift_pulses", "drift_m3", "dial_m3",
    "register_m3", "readings", "compared", "agreed", "proven_share", "evidence",
)  # fmt: skip
READINGS = (
    "converter", "address", "point", "time", "dial_m3", "register_m3", "drift_pulses", "drift_m3",
    "agrees", "restarted", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """One line of the course. `register` and `drift` are None where there is nothing to compare
    with; `note` says why, or what is odd."""

    time: str
    dial_m3: str
    compared: Compared | None
    drift: Fraction | None
    agrees: bool | None
    note: str


@dataclass(frozen=True)
class MeterReport:
    course: Course
    finding: Finding
    proof: Proof
    readings: list[Reading]

    @property
    def drift(self) -> Fraction | None:
        """At the last reading that is believed, in pulses."""
        believed = [r.drift for r in self.readings if r.drift is not None and not r.note]
        return believed[-1] if believed else None

    @property
    def last(self) -> Compared | None:
        return self.course.compared[-1] if self.course.compared else None

    def as_json(self) -> dict[str, Any]:
        return {
            "converter": self.course.converter,
            "address": self.course.address,
            "point": self.course.name,
            "meter": self.course.title,
            "m3_per_pulse": float(self.course.weight_m3),
            "agrees_within_pulses": float(self.course.step),
            "cause": self.finding.cause,
            "evidence": list(self.finding.evidence),
            "drift_pulses": _number(self.drift),
            "drift_m3": _number(self._m3(self.drift)),
            "accuracy": self.proof.as_json(),
            "readings": [self._reading_json(r) for r in self.readings],
        }

    def row(self) -> dict[str, Any]:
        last = self.last
        return {
            **self._who(),
            "cause": self.finding.cause,
            "drift_pulses": plain(self.drift),
            "drift_m3": plain(self._m3(self.drift)),
            "dial_m3": last.dial_m3 if last else "",
            "register_m3": plain(last.register_m3) if last else "",
            "readings": len(self.readings),
            "compared": self.proof.compared,
            "agreed": self.proof.agreed,
            "proven_share": f"{self.proof.bound:.6f}",
            "evidence": " ".join(self.finding.evidence),
        }

    def reading_rows(self) -> Iterator[dict[str, Any]]:
        for r in self.readings:
            yield {
                **self._who(),
                "time": r.time,
                "dial_m3": r.dial_m3,
                "register_m3": plain(r.compared.register_m3) if r.compared else "",
                "drift_pulses": plain(r.drift),
                "drift_m3": plain(self._m3(r.drift)),
                "agrees": "" if r.agrees is None else ("yes" if r.agrees else "no"),
                "restarted": "yes" if r.compared and r.compared.restarted else "",
                "note": r.note,
            }

    def _who(self) -> dict[str, str]:
        course = self.course
        return {
            "converter": course.converter,
            "address": course.address,
            "point": course.name,
        }

    def _m3(self, pulses: Fraction | None) -> Fraction | None:
        return None if pulses is None else pulses * self.course.weight_m3

    def _reading_json(self, r: Reading) -> dict[str, Any]:
        return {
            "time": r.time,
            "dial_m3": float(r.dial_m3),
            "register_m3": _number(r.compared.register_m3) if r.compared else None,
            "drift_pulses": _number(r.drift),
            "agrees": r.agrees,
            "restarted": bool(r.compared and r.compared.restarted),
            "note": r.note,
        }


@dataclass(frozen=True)
class Report:
    """Of a community. `proof` is of all meters together."""

    community: str
    title: str
    meters: list[MeterReport]

    @property
    def proof(self) -> Proof:
        return Proof(
            sum(m.proof.agreed for m in self.meters), sum(m.proof.compared for m in self.meters)
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "community": self.community,
            "accuracy": self.proof.as_json(),
            "meters": [meter.as_json() for meter in self.meters],
        }


def of_course(course: Course) -> MeterReport:
    odd = misread(course)
    readings = [
        Reading(
            one.time.isoformat(),
            f"{one.dial_m3:f}",
            one,
            drift,
            course.agrees(drift),
            "probably misread" if n in odd else "",
        )
        for n, (one, drift) in enumerate(zip(course.compared, course.drifts, strict=True))
    ]
    readings += [
        Reading(dial.time.isoformat(), f"{dial.m3:f}", None, None, None, f"not compared: {why}")
        for dial, why in course.left_out
    ]
    agreed = sum(course.agrees(drift) for drift in course.drifts)
    return MeterReport(
        course,
        finding(course),
        Proof(agreed, len(course.compared)),
        sorted(readings, key=lambda r: r.time),
    )


def plain(value: Fraction | None, decimals: int = 3) -> str:
    """A number without needless zeros; nothing where it is unknown."""
    if value is None:
        return ""
    text = f"{float(value):.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 6)
