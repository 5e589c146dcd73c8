"""What a run of the bench measured and judged: plain data, for every kind of report alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Literal

from sibiao.errors import SibiaoError

Outcome = Literal["passed", "failed", "skipped", "error"]
Verdict = Literal["passed", "failed", "unfinished"]


class CannotDo(SibiaoError):
    """What the stand is not equipped for: the step is skipped with this reason."""


@dataclass(frozen=True)
class Measured:
    """`value` None: it could not be measured, which does not pass. A limit of None is open."""

    name: str
    value: float | int | None
    unit: str
    low: float | int | None = None
    high: float | int | None = None

    @property
    def passed(self) -> bool:
        if self.value is None or not isfinite(self.value):
            return False
        return (self.low is None or self.low <= self.value) and (
            self.high is None or self.value <= self.high
        )

    @property
    def limits(self) -> str:
        """As people read it: "20 to 500 ms", "at least 3", or nothing."""
        unit = f" {self.unit}" if self.unit else ""
        low, high = _number(self.low), _number(self.high)
        if low and high:
            return f"exactly {low}{unit}" if low == high else f"{low} to {high}{unit}"
        if low:
            return f"at least {low}{unit}"
        return f"at most {high}{unit}" if high else ""

    @property
    def shown(self) -> str:
        if self.value is None:
            return "not measured"
        return f"{_number(self.value)} {self.unit}".rstrip()


def _number(value: float | int | None) -> str:
    """As people read it: six digits of what is not whole."""
    if value is None:
        return ""
    # No traces of binary fractions, no "-0".
    return f"{round(value, 6) + 0.0:.6g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class PulseTrain:
    """`times_s`: when the wheel made a pulse, by the stand's own time. `counted`: (when, what the
    module said it had counted since the first of them); `contact`: (when, level) of each edge."""

    times_s: list[float]
    counted: list[tuple[float, int]]
    title: str = ""
    contact: list[tuple[float, int]] = field(default_factory=list)


@dataclass(frozen=True)
class SuccessRate:
    """Of `done` tries, `failed` did not succeed. `low_bound`: the rate that this proves, one-sided
    at 95 % (sim/success.py); `wanted`: the rate that it has to prove."""

    done: int
    failed: int
    low_bound: float
    title: str = ""
    wanted: float | None = None


@dataclass(frozen=True)
class Latencies:
    """From the last byte of the request to the first of the answer; the limits are of each."""

    ms: list[float]
    title: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Cut:
    """`at_s`: when, by the stand's own time. `sound`: what was kept is right and within `bound`,
    the loss that is allowed; `lost`: units, None where it cannot be told."""

    at_s: float
    sound: bool
    lost: int | None
    bound: int | None = None


@dataclass(frozen=True)
class CutMap:
    cuts: list[Cut]
    title: str = ""
    unit: str = "pulses"


Plot = PulseTrain | SuccessRate | Latencies | CutMap


@dataclass
class Step:
    """`title`: the word of the clause; `about`: what the step does; `said`: why it did not pass,
    or was skipped. `logs`: by file name."""

    clause: str
    title: str
    outcome: Outcome
    seconds: float
    measured: list[Measured] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    logs: dict[str, bytes] = field(default_factory=dict)
    said: str = ""
    name: str = ""
    about: str = ""

    @property
    def label(self) -> str:
        """As it is listed: "channel: line settings"."""
        words = self.name.removeprefix("test_").replace("_", " ")
        return f"{self.title}: {words}" if self.title and words else self.title or words

    @property
    def outside(self) -> list[Measured]:
        return [each for each in self.measured if not each.passed]


@dataclass(frozen=True)
class ModuleFacts:
    """What the running module says of itself; "" where it does not. `more`: anything else worth
    keeping, such as the board's chip or its unique number."""

    serial: str = ""
    address: str = ""
    community: str = ""
    config: str = ""
    firmware: str = ""
    slot: str = ""
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Software:
    """Of the bench itself. `commit`: of its repository, with "+" when files differ from it.
    `steps_sha256`: of the files of the steps."""

    versions: dict[str, str]
    commit: str = ""
    steps_sha256: str = ""


@dataclass
class Run:
    """`command` repeats it. `only`: the clauses asked for, none for all; `planned`: how many steps
    there were to be. `broken`: why it ended before they were done."""

    operator: str
    station: str
    seed: int
    started: datetime
    module: ModuleFacts
    software: Software
    steps: list[Step] = field(default_factory=list)
    under_test: str = ""
    command: str = ""
    quick: bool = False
    only: list[str] = field(default_factory=list)
    planned: int = 0
    seconds: float = 0.0
    broken: str = ""
    logs: dict[str, bytes] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> int:
        return sum(step.outcome == outcome for step in self.steps)

    @property
    def scope(self) -> str:
        """What was left out, as it stands beside the verdict."""
        parts = ["quick"] if self.quick else []
        if self.only:
            parts.append(f"only {', '.join(self.only)}")
        return ", ".join(parts)

    @property
    def verdict(self) -> Verdict:
        """One failed step fails the module. Without one, a step that the bench itself could not
        bring to its end, or nothing that passed, proves nothing."""
        if self.count("failed"):
            return "failed"
        whole = not self.broken and len(self.steps) >= self.planned and not self.count("error")
        return "passed" if whole and self.count("passed") else "unfinished"


def worst(runs: list[Run]) -> Verdict:
    """Of several modules: all passed, or the worst that there is."""
    verdicts = {run.verdict for run in runs}
    return next((each for each in ("failed", "unfinished") if each in verdicts), "passed")
