"""A few of `make soak`'s power cuts in every run."""

import pytest
from sibiao.node.pico.fork import run_forked

from tests.node import asking
from tests.soak.power_cuts import RECORD, Broken, Life

pytestmark = pytest.mark.pico


def test_totals_outlive_power_cuts(pico_at_work):
    def body(node):
        life = Life(node, seed=3, longest_s=3)
        cuts = life.run(3)
        return cuts, life.check_nothing_lost()

    cuts, total = run_forked(body, pico_at_work)
    assert [cut.committed <= cut.restored <= cut.truth for cut in cuts] == [True] * 3
    assert any(cut.during for cut in cuts), "no cut fell into a write"
    assert total > cuts[-1].restored >= 10


def test_a_total_that_is_too_high_is_seen(pico_at_work):
    def body(node):
        life = Life(node, seed=4, longest_s=1)
        life._total = -1000  # as if fewer pulses had come than are restored
        life.run(1)

    with pytest.raises(Broken, match="outside its bounds"):
        run_forked(body, pico_at_work)


@pytest.mark.xfail(
    strict=True, reason="hal.file_keeper takes an empty file for a record that is unreadable"
)
def test_a_cut_in_the_very_first_commit(pico_at_work):
    """littlefs makes a new file, empty, in a write of its own; the content comes with another."""

    def body(node):
        flash = node.chip.flash

        def operation(_):
            if node.files().get(RECORD) == b"":
                flash.on_operation = None
                flash.cut_at(1)

        flash.on_operation = operation
        resets = node.resets
        asking.pulses(node, 12)
        assert node.run_until(lambda: node.resets > resets, 20 * asking.S)
        asking.at_work(node)
        assert node.files()[RECORD] == b""
        return asking.read(node, asking.WATER, "00010000")

    assert run_forked(body, pico_at_work) == 123450
