"""What a hostile electricity meter measured, and what that proves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from sibiao.sim.success import SHARE, lower_bound, proves, tries_needed


@dataclass(frozen=True)
class Plan:
    """Fixed before the first request: how many reads, each of at most `tries` requests, and how
    many of them may fail."""

    reads: int
    allowed: int = 0
    tries: int = 3
    share: Fraction = SHARE

    @classmethod
    def proving(cls, allowed: int = 0, tries: int = 3) -> Plan:
        """The fewest reads in which so many failures still prove `SHARE`."""
        return cls(tries_needed(allowed), allowed, tries)


@dataclass
class Tally:
    """Counts of reads, for one form or one item or all. `at_try[k]`: right at try k."""

    asked: int = 0
    right: int = 0
    wrong: int = 0  # a sound answer to the request, with another value than the true one
    at_try: Counter = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        return self.asked - self.right

    def as_json(self) -> dict:
        right_at = {str(k): n for k, n in sorted(self.at_try.items())}
        return {
            "asked": self.asked,
            "right": self.right,
            "wrong_values": self.wrong,
            "right_at_try": right_at,
            "proven_at_least": round(lower_bound(self.failed, self.asked), 6),
        }


@dataclass
class HostileResult:
    """All counts. Only reads that ended are counted."""

    plan: Plan
    seed: int
    bit_error_rate: float
    reads: Tally = field(default_factory=Tally)
    forms: dict[str, Tally] = field(default_factory=dict)
    items: dict[str, Tally] = field(default_factory=dict)
    requests: int = 0  # that a read waited for; preludes and forms to keep silent at not
    early: int = 0  # answers that began before 20 ms, also where the value was right
    late: int = 0  # ... after 500 ms
    silences: int = 0  # requests that nobody may answer
    kept: int = 0  # ... and nobody did
    unexpected: int = 0  # bytes where none were due: such a request, a prelude, or after an answer
    bits_turned: int = 0
    faults: Counter = field(default_factory=Counter)  # why a request failed
    shortest_ns: int | None = None
    longest_ns: int | None = None

    def tallies(self, form: str, item: str) -> tuple[Tally, Tally, Tally]:
        return (
            self.reads,
            self.forms.setdefault(form, Tally()),
            self.items.setdefault(item, Tally()),
        )

    def timed(self, td_ns: int) -> None:
        self.shortest_ns = td_ns if self.shortest_ns is None else min(self.shortest_ns, td_ns)
        self.longest_ns = td_ns if self.longest_ns is None else max(self.longest_ns, td_ns)

    @property
    def done(self) -> bool:
        return self.reads.asked >= self.plan.reads

    @property
    def bound(self) -> float:
        return lower_bound(self.reads.failed, self.reads.asked)

    @property
    def proved(self) -> bool:
        """By the plan as it was fixed: no verdict before its end."""
        return (
            self.done
            and self.reads.failed <= self.plan.allowed
            and proves(self.reads.failed, self.reads.asked, self.plan.share)
        )

    @property
    def conforms(self) -> bool:
        """No breach of the standard was seen. Over a line with bit errors a wrong value is not
        one: the checksum is a sum of eight bits."""
        breaches = self.early + self.late + self.unexpected
        return not breaches and (self.bit_error_rate > 0 or not self.reads.wrong)

    @property
    def verdict(self) -> str:
        if not self.conforms:
            return "breach"
        if not self.done:
            return "unfinished"
        return "proved" if self.proved else "not proved"

    def as_json(self) -> dict:
        return {
            "verdict": self.verdict,
            "plan": {
                "reads": self.plan.reads,
                "failures_allowed": self.plan.allowed,
                "tries": self.plan.tries,
                "share": float(self.plan.share),
                "confidence": 0.95,
            },
            "seed": self.seed,
            "bit_error_rate": self.bit_error_rate,
            "bits_turned": self.bits_turned,
            **self.reads.as_json(),
            "requests": self.requests,
            "faults": dict(sorted(self.faults.items())),
            "early": self.early,
            "late": self.late,
            "silences_asked": self.silences,
            "silences_kept": self.kept,
            "unexpected": self.unexpected,
            "turnaround_ms": [_ms(self.shortest_ns), _ms(self.longest_ns)],
            "forms": {name: tally.as_json() for name, tally in self.forms.items()},
            "items": {name: tally.as_json() for name, tally in self.items.items()},
        }


def _ms(span_ns: int | None) -> float | None:
    return None if span_ns is None else round(span_ns / 1e6, 2)
