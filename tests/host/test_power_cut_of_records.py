"""Totals and events on real littlefs, with the power cut in every single flash operation."""

import pytest
from converter.model.events import TASK_ENDED, Events
from converter.model.total import Total
from converter.store.events import KeptEvents
from converter.store.totals import KeptTotal

from tests.host.cut_flash import CutFlash, LittlefsKeeper

COMMITS = 40


def _kept(keeper):
    return KeptTotal(Total(1, 1, -2, 7), keeper, "total1", 1, 1), KeptEvents(
        Events(), keeper, "events"
    )


def _live(flash, acknowledged):
    """Count, commit, note; `acknowledged` grows with each commit that returned."""
    total, events = _kept(LittlefsKeeper(flash))
    total.load()
    events.load()
    for n in range(COMMITS):
        total.add(3, n)
        total.commit()
        acknowledged["pulses"] = total.total.pulses
        if n % 4 == 0:
            events.events.add(TASK_ENDED, n, n)
            events.commit()
            acknowledged["events"] = events.events.count


@pytest.fixture(scope="module")
def formatted():
    flash = CutFlash()
    LittlefsKeeper(flash, fresh=True)
    return bytes(flash.contents)


def test_every_operation(formatted):
    whole = CutFlash(formatted)
    _live(whole, {})
    assert whole.operations > COMMITS
    for cut in range(whole.operations):
        flash = CutFlash(formatted, cut)
        acknowledged = {"pulses": 0, "events": 0}
        with pytest.raises(OSError):
            _live(flash, acknowledged)
        total, events = _kept(LittlefsKeeper(CutFlash(flash.contents)))
        # ABSENT (0) or restored (None), never unreadable.
        assert total.load() in (None, 0) and events.load() in (None, 0), cut
        truth = acknowledged["pulses"] + 3
        assert acknowledged["pulses"] <= total.total.pulses <= truth, cut
        assert acknowledged["events"] <= events.events.count <= acknowledged["events"] + 1, cut


def test_life_goes_on_after_any_cut(formatted):
    # Cut again and again on the same flash: each life starts where the last commit was.
    contents, least = formatted, 0
    for life in range(60):
        flash = CutFlash(contents, cut=7 * life % 31)
        acknowledged = {"pulses": least, "events": 0}
        with pytest.raises(OSError):
            _live(flash, acknowledged)
        contents = flash.contents
        total, _ = _kept(LittlefsKeeper(CutFlash(contents)))
        total.load()
        assert total.total.pulses >= acknowledged["pulses"]
        least = total.total.pulses
    assert least > 60
