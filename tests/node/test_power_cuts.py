"""A few of the power cuts of `make soak`, on the emulated Pico."""

import pytest

from tests.soak.power_cuts import cut_once

pytestmark = pytest.mark.pico


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_total_after_a_cut(pico_at_work, seed):
    cut = pico_at_work.forked(cut_once, seed)
    assert cut.sound, cut
