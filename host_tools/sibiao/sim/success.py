"""What so many successes in so many tries prove: the exact binomial bound (Clopper and Pearson).

A plan is fixed before the first try: how many failures it allows, and with them how many tries it
takes. Looking again after a failure and going on would prove less than it says.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

SHARE = Fraction(999, 1000)
CONFIDENCE = Fraction(95, 100)
_DIGITS = 60
_HALVINGS = 120


def proves(
    failures: int, tries: int, share: Fraction = SHARE, confidence: Fraction = CONFIDENCE
) -> bool:
    """Whether the true rate of success is at least `share` at that one-sided confidence. Exact:
    whole numbers only."""
    if not 0 <= failures <= tries:
        raise ValueError(f"{failures} failures in {tries} tries")
    # Were the rate no better than `share`, so few failures would be this unlikely.
    good, bad, whole = share.numerator, share.denominator - share.numerator, share.denominator
    term = good**tries
    total = term
    for k in range(1, failures + 1):
        term = term * (tries - k + 1) * bad // (k * good)
        total += term
    return Fraction(total, whole**tries) <= 1 - confidence


def tries_needed(failures: int, share: Fraction = SHARE, confidence: Fraction = CONFIDENCE) -> int:
    """The fewest tries in which so many failures still prove it."""
    low, high = failures, failures + 1
    while not proves(failures, high, share, confidence):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if proves(failures, middle, share, confidence):
            high = middle
        else:
            low = middle
    return high


def lower_bound(failures: int, tries: int, confidence: Fraction = CONFIDENCE) -> float:
    """The rate of success that is proven: 0 when nothing is."""
    if tries == 0 or failures >= tries:
        return 0.0
    with localcontext(prec=_DIGITS):
        risk = 1 - Decimal(confidence.numerator) / confidence.denominator
        low, high = Decimal(0), Decimal(1)  # of the rate of failure
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if _so_few(failures, tries, middle) > risk:
                low = middle
            else:
                high = middle
        return float(1 - high)


def percent(share: float) -> str:
    """Rounded down: more is not proven."""
    return f"{int(share * 1e5) / 1e3:.3f} %"


def _so_few(failures: int, tries: int, rate: Decimal) -> Decimal:
    """The chance of at most so many failures at that rate of failure."""
    term = total = (1 - rate) ** tries
    for k in range(1, failures + 1):
        term = term * (tries - k + 1) * rate / (k * (1 - rate))
        total += term
    return total
