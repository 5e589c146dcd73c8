"""The laboratory's stand without hardware: its time."""

from contextlib import closing

import pytest
from sibiao.config.load import load
from sibiao.lab.stands.simulated import in_virtual_time


@pytest.mark.vm
def test_who_waits_for_a_moment_comes_to_it():
    """What rounding leaves of a span is no time that stands still."""
    with closing(in_virtual_time(load("sample"))) as stand:
        before_s = stand.now_s()
        stand.run(1e-13)
        assert before_s < stand.now_s() < before_s + 1e-3
