"""A few of the power cuts of `make soak` on the emulated Pico, which need not all start again."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.soak.power_cuts import cut_and_load, cut_once

pytestmark = pytest.mark.takes(20)

STARTED, LOADED = (1, 2), range(3, 15)

_node = None  # what the processes below are forked with


def _cut(how, seed):
    return _node.forked(how, seed)


@pytest.mark.pico
def test_total_after_a_cut(pico_at_work):
    global _node
    _node = pico_at_work
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        cuts = [pool.submit(_cut, cut_once, seed) for seed in STARTED]
        cuts += [pool.submit(_cut, cut_and_load, seed) for seed in LOADED]
        seen = [cut.result() for cut in cuts]
    assert [cut for cut in seen if not cut.sound] == []
    assert sum(cut.torn != "" for cut in seen) >= 3, "too few came inside a write"
