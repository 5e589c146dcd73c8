"""What so many agreeing readings prove: the share of readings that are right, with its bound."""

from __future__ import annotations

from dataclasses import dataclass

from sibiao.sim.success import CONFIDENCE, SHARE, lower_bound, proves, tries_needed


@dataclass(frozen=True)
class Proof:
    """Of readings that could be compared, those where dial and register agree to a pulse."""

    agreed: int
    compared: int

    @property
    def failures(self) -> int:
        return self.compared - self.agreed

    @property
    def bound(self) -> float:
        """The share that is proven (Clopper and Pearson, one-sided); 0 when nothing is."""
        return lower_bound(self.failures, self.compared)

    @property
    def proven(self) -> bool:
        return self.compared > 0 and proves(self.failures, self.compared)

    @property
    def still_needed(self) -> int:
        """More readings, all agreeing, that would prove the share of DB37/T 5104, 99.9 %."""
        return max(0, tries_needed(self.failures) - self.compared)

    @property
    def sentence(self) -> str:
        if self.proven:
            return "That proves that at least 99.9 % of readings are right."
        if 100 * self.failures > self.compared:
            return "99.9 % is not reached: more than one reading in a hundred differs."
        return f"{self.still_needed} more readings, all agreeing, would prove 99.9 %."

    def as_json(self) -> dict[str, object]:
        return {
            "agreed": self.agreed,
            "compared": self.compared,
            "lower_bound": self.bound,
            "confidence": float(CONFIDENCE),
            "required": float(SHARE),
            "proven": self.proven,
            "still_needed": self.still_needed,
        }
