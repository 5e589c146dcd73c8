"""The exact binomial bound, against the plans that were given and against plain sums."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sibiao.sim.success import CONFIDENCE, SHARE, lower_bound, proves, tries_needed

PLANS = {0: 2995, 1: 4742, 2: 6294, 3: 7752}


@pytest.mark.parametrize("failures", PLANS)
def test_plans_are_the_fewest_tries(failures):
    tries = PLANS[failures]
    assert tries_needed(failures) == tries
    assert proves(failures, tries)
    assert not proves(failures, tries - 1)
    assert not proves(failures + 1, tries)
    assert lower_bound(failures, tries) >= 0.999 > lower_bound(failures, tries - 1)


@given(st.integers(1, 60), st.integers(0, 60), st.fractions(Fraction(1, 2), Fraction(99, 100)))
def test_proves_is_the_plain_sum(tries, failures, share):
    failures = min(failures, tries)
    chance = sum(
        comb(tries, k) * (1 - share) ** k * share ** (tries - k) for k in range(failures + 1)
    )
    assert proves(failures, tries, share) == (chance <= 1 - CONFIDENCE)


@given(st.integers(1, 400), st.integers(0, 400))
def test_bound_is_where_the_proof_ends(tries, failures):
    failures = min(failures, tries)
    bound = lower_bound(failures, tries)
    near = Fraction(1, 10**9)
    if bound:
        assert proves(failures, tries, Fraction(bound) - near)
        assert not proves(failures, tries, Fraction(bound) + near)
    else:
        assert failures == tries


def test_textbook_values():
    # No failure in n: the bound is the n-th root of the risk (the rule of three).
    assert lower_bound(0, 10) == pytest.approx(0.05 ** (1 / 10), abs=1e-12)
    # Clopper and Pearson, one-sided 95 %: 1 failure in 20 (tables: 0.7839).
    assert lower_bound(1, 20) == pytest.approx(0.7839, abs=5e-5)
    assert lower_bound(5, 5) == lower_bound(0, 0) == 0
    assert Fraction("0.999") == SHARE
    with pytest.raises(ValueError):
        proves(3, 2)
