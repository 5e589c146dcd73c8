"""Each cell of the table of faults, on the firmware's own code: `single` by interrupt."""

import pytest
from sibiao.sim.fault_table import NOT_DISTINGUISHABLE, complaints, outcome
from sibiao.sim.pulse_faults import FAULTS, story
from sibiao.sim.wiring import SINGLE, Wiring

from tests.host.contact_bench import PINS, Board

SEEDS = range(1, 7)


def by_interrupt(board, wiring, wire="a"):
    return board.module("pulse_irq").PulseSource(
        PINS[wire], wiring.active, True, wiring.min_active_us, wiring.min_idle_us
    )


def single(told):
    """What a single contact's input makes of a story: (register, events)."""
    board = Board(told)
    source = by_interrupt(board, told.wiring)
    register = 0

    def look():
        nonlocal register
        register += source.take()

    board.play(look)
    return register, set()


def hold(fault, wiring, reader, rate_hz=4):
    """The cell holds for every seed; where it says that nothing can be told, that is so."""
    must = outcome(fault, wiring)
    off = []
    for seed in SEEDS:
        told = story(fault, wiring, rate_hz=rate_hz, seed=seed)
        register, events = reader(told)
        assert not complaints(told, register, events)
        off.append(register - told.dial)
    if must.kind == NOT_DISTINGUISHABLE and (must.extra or must.missing):
        assert any(off), "an error that never comes is no bound: the cell says too little"
    return off


@pytest.mark.parametrize("active", (0, 1))
@pytest.mark.parametrize("fault", FAULTS)
def test_single(fault, active):
    off = hold(fault, Wiring(SINGLE, active=active), single)
    if outcome(fault, Wiring(SINGLE)).kind == "exact":
        assert not any(off), "the wheel stands with its contact open: not one pulse off"
