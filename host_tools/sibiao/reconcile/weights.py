"""What a pulse is worth in the trade, and how a wrong weight shows."""

from __future__ import annotations

from fractions import Fraction

# Times powers of ten.
_TRADE = (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(4), Fraction(5), Fraction(8))


def shares() -> list[Fraction]:
    """How far a register of one weight of the trade moves on a meter of another, the simplest
    first; 1 is not in."""
    made = {
        a / b * Fraction(10) ** decade
        for a in _TRADE
        for b in _TRADE
        for decade in (-3, -2, -1, 0, 1, 2, 3)
    }
    return sorted(made - {1}, key=lambda s: (s.numerator + s.denominator, s))
