"""Each cell of the table of faults, on the firmware's own code from the pins to the alarms."""

from pathlib import Path

import pytest
from sibiao.sim.pulse.fault_cells import (
    BOUNDED_WITH_EVENT,
    EXACT,
    EXACT_WITH_EVENT,
    GUARDED,
    NORMALLY_CLOSED,
    NOT_DISTINGUISHABLE,
    SAMPLED,
    TABLE,
)
from sibiao.sim.pulse.fault_table import complaints, markdown, outcome
from sibiao.sim.pulse.faults import FAULTS, story
from sibiao.sim.pulse.wiring import NAMUR, QUADRATURE, SEQUENCE, SINGLE, WIRINGS, Wiring

from tests.host import counting

pytestmark = pytest.mark.takes(30)

SEEDS = range(1, 7)
FEW_SEEDS = {"first_after_pause": range(1, 2)}  # half an hour each
EVENTS = {"", "BACKFLOW", "TAMPER", "CABLE_CUT", "CABLE_SHORT", "MAGNET"}


def cells(*kinds, **variant):
    """Every fault on wirings of these kinds, as test parameters."""
    for kind in kinds:
        for fault in FAULTS:
            name = "-".join([fault, kind, *(f"{k}={v}" for k, v in variant.items())])
            yield pytest.param(fault, Wiring(kind, **variant), id=name)


def guarded_cells():
    for fault, kind in GUARDED:
        for active in (0, 1):
            wiring = Wiring(kind, active if kind != NAMUR else 0, guarded=True)
            yield pytest.param(fault, wiring, id=f"{fault}-{kind}-active={active}-guarded")


def hold(fault, wiring, reader_of, rate_hz=3):
    """The cell holds for every seed; where it says that nothing can be told, that is so."""
    must = outcome(fault, wiring)
    off = []
    for seed in FEW_SEEDS.get(fault, SEEDS):
        told = story(fault, wiring, rate_hz=rate_hz, seed=seed)
        register, events = counting.register_and_events(told, reader_of)
        assert complaints(told, register, events) == []
        off.append(register - told.dial)
    if must.kind == NOT_DISTINGUISHABLE and (must.extra or must.missing):
        assert any(off), "an error that never comes is no bound: the cell says too little"
    if must.kind in (EXACT, EXACT_WITH_EVENT) and fault != "closed_at_start":
        # The wheel starts and ends with all contacts open: no play is needed.
        assert not any(off)


@pytest.mark.parametrize("fault, wiring", [*cells(SINGLE), *cells(SINGLE, active=1)])
def test_single_by_interrupt(fault, wiring):
    hold(fault, wiring, counting.single_irq)


@pytest.mark.parametrize("fault, wiring", [*cells(SINGLE, min_active_us=40_000)])
def test_single_with_a_wider_filter_for_pulses(fault, wiring):
    hold(fault, wiring, counting.single_irq, rate_hz=2)


@pytest.mark.parametrize("fault, wiring", [*cells(SINGLE, sampled=True)])
def test_single_by_sampling(fault, wiring):
    hold(fault, wiring, counting.single_poll)


@pytest.mark.parametrize("fault, wiring", [*cells(NAMUR)])
def test_namur(fault, wiring):
    hold(fault, wiring, counting.namur)


@pytest.mark.parametrize("fault, wiring", [*cells(QUADRATURE), *cells(QUADRATURE, active=1)])
def test_quadrature_by_interrupt(fault, wiring):
    hold(fault, wiring, counting.quadrature_irq)


@pytest.mark.parametrize("fault, wiring", [*cells(SEQUENCE), *cells(SEQUENCE, active=1)])
def test_sequence_by_interrupt(fault, wiring):
    hold(fault, wiring, counting.sequence_irq)


@pytest.mark.parametrize("fault, wiring", [*guarded_cells()])
def test_guarded(fault, wiring):
    readers = {
        SINGLE: counting.single_irq,
        NAMUR: counting.namur,
        QUADRATURE: counting.quadrature_irq,
        SEQUENCE: counting.sequence_irq,
    }
    hold(fault, wiring, readers[wiring.kind])


@pytest.mark.parametrize(
    "fault", ("bounce_closing", "bounce_opening", "slow_edges", "disturbances", "emi_burst")
)
def test_the_faults_have_teeth(fault):
    """Without a filter none of these would come out right."""
    told = story(fault, Wiring(SINGLE), rate_hz=3)
    without = Wiring(SINGLE, min_active_us=1, min_idle_us=1)
    register, events = counting.register_and_events(
        told, lambda board, _: counting.single_irq(board, without)
    )
    assert complaints(told, register, events)


def test_one_width_for_both_levels_would_not_do():
    told = story("disturbances", Wiring(SINGLE, min_active_us=40_000), rate_hz=2)
    register, _ = counting.register_and_events(
        told, lambda board, _: counting.single_irq(board, Wiring(SINGLE))
    )
    assert register > told.dial + 10


def test_every_fault_has_a_cell_on_every_wiring():
    assert set(TABLE) == {(fault, kind) for fault in FAULTS for kind in WIRINGS}
    assert len(FAULTS) >= 25
    for changed in (GUARDED, NORMALLY_CLOSED, SAMPLED):
        assert set(changed) <= set(TABLE)


def test_cells_say_what_their_kind_promises():
    for cell in (TABLE, GUARDED, NORMALLY_CLOSED, SAMPLED):
        for (fault, kind), must in cell.items():
            bounded = bool(must.extra or must.missing)
            assert {must.event, *must.allowed} <= EVENTS, (fault, kind)
            assert bool(must.event) == (must.kind in (EXACT_WITH_EVENT, BOUNDED_WITH_EVENT))
            if must.kind in (EXACT, EXACT_WITH_EVENT):
                assert not bounded, (fault, kind)
            if must.kind == BOUNDED_WITH_EVENT:
                assert bounded, (fault, kind)
            if must.kind == NOT_DISTINGUISHABLE:
                assert must.why, (fault, kind)


def test_bounds_are_counted_in_what_the_story_tells():
    for (fault, kind), must in TABLE.items():
        told = story(fault, Wiring(kind), rate_hz=3)
        for what in (*must.extra, *must.missing):
            assert told.counts[what] > 0, (fault, kind, what)


@pytest.mark.parametrize(
    "fault, kind, off, events, says",
    [
        ("clean", SINGLE, 0, (), None),
        ("clean", SINGLE, 1, (), None),
        ("clean", SINGLE, 2, (), "register 42, dial 40"),
        ("clean", SINGLE, -2, (), "register 38, dial 40"),
        ("clean", SINGLE, 0, ("MAGNET",), "event MAGNET"),
        ("backflow", QUADRATURE, 0, ("BACKFLOW",), None),
        ("backflow", QUADRATURE, 0, (), "no event BACKFLOW"),
        ("cable_cut_at_rest", QUADRATURE, 0, ("MAGNET",), None),
        ("magnet_at_rest", SINGLE, 4, (), None),
        ("magnet_at_rest", SINGLE, 5, (), "up to 0 missing and 3 extra"),
        ("magnet_at_rest", SINGLE, -2, (), "up to 0 missing and 3 extra"),
    ],
)
def test_the_judge(fault, kind, off, events, says):
    told = story(fault, Wiring(kind))
    wrong = complaints(told, told.dial + off, events)
    assert wrong == [] if says is None else len(wrong) == 1 and says in wrong[0]


def test_the_page_has_a_row_for_each_fault():
    page = markdown()
    for fault, told in FAULTS.items():
        assert page.count(f"| `{fault}`: {told.__doc__} |") == 1
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    assert len(rows) == len(FAULTS) + 2


def test_the_page_in_the_docs_is_this_table():
    page = Path(__file__).parents[2] / "docs" / "pulse-faults.md"
    text = page.read_text(encoding="utf-8")
    assert text.endswith(markdown() + "\n"), (
        "python -m sibiao.sim.pulse.fault_table says what it should hold"
    )
