"""Each cell of the table of faults, on the firmware's own code from the pins to the alarms."""

import pytest
from sibiao.sim.fault_table import EXACT, NOT_DISTINGUISHABLE, complaints, outcome
from sibiao.sim.pulse_faults import FAULTS, story
from sibiao.sim.wiring import NAMUR, QUADRATURE, SEQUENCE, SINGLE, Wiring

from tests.host.counting import (
    namur,
    quadrature_irq,
    register_and_events,
    sequence_irq,
    single_irq,
)

SEEDS = range(1, 7)


def hold(fault, wiring, reader_of, rate_hz=3):
    """The cell holds for every seed; where it says that nothing can be told, that is so."""
    must = outcome(fault, wiring)
    off = []
    for seed in SEEDS:
        told = story(fault, wiring, rate_hz=rate_hz, seed=seed)
        register, events = register_and_events(told, reader_of)
        assert not complaints(told, register, events)
        off.append(register - told.dial)
    if must.kind == NOT_DISTINGUISHABLE and (must.extra or must.missing):
        assert any(off), "an error that never comes is no bound: the cell says too little"
    return off


@pytest.mark.parametrize("guarded", (False, True), ids=("plain", "guarded"))
@pytest.mark.parametrize("active", (0, 1))
@pytest.mark.parametrize("fault", FAULTS)
def test_single(fault, active, guarded):
    off = hold(fault, Wiring(SINGLE, active, guarded), single_irq)
    if outcome(fault, Wiring(SINGLE)).kind == EXACT:
        assert not any(off), "the wheel stands with its contact open: not one pulse off"


@pytest.mark.parametrize("guarded", (False, True), ids=("plain", "guarded"))
@pytest.mark.parametrize("fault", FAULTS)
def test_namur(fault, guarded):
    off = hold(fault, Wiring(NAMUR, guarded=guarded), namur)
    if outcome(fault, Wiring(NAMUR)).kind == EXACT:
        assert not any(off)


@pytest.mark.parametrize("guarded", (False, True), ids=("plain", "guarded"))
@pytest.mark.parametrize("active", (0, 1))
@pytest.mark.parametrize("fault", FAULTS)
def test_quadrature(fault, active, guarded):
    hold(fault, Wiring(QUADRATURE, active, guarded), quadrature_irq)


@pytest.mark.parametrize("guarded", (False, True), ids=("plain", "guarded"))
@pytest.mark.parametrize("active", (0, 1))
@pytest.mark.parametrize("fault", FAULTS)
def test_sequence(fault, active, guarded):
    hold(fault, Wiring(SEQUENCE, active, guarded), sequence_irq)
