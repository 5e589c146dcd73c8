"""What became of one board, as people, programs and the ledger are told."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

FLASHED, KEPT, FAILED, INTERRUPTED = "flashed", "kept", "failed", "interrupted"
PASSED = (FLASHED, KEPT)


@dataclass
class Result:
    """`serial`: of the unit that the board is now; `slot`: what it starts, None if that is not
    known; `error`: what went wrong and what to do, empty if nothing did."""

    port: str
    verdict: str = FAILED
    serial: str = ""
    board_id: str = ""
    slot: str | None = None
    copied: list[str] = field(default_factory=list)
    copied_bytes: int = 0
    kept: int = 0
    seconds: float = 0
    error: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    report: dict[str, Any] | None = None

    @property
    def has_passed(self) -> bool:
        return self.verdict in PASSED

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
