"""A laboratory's own folder of steps, one of each outcome, and a real module that they ask."""

import pickle
from contextlib import closing

from sibiao.config.load import load
from sibiao.lab.play import Plan, play
from sibiao.lab.plugin import Heard
from sibiao.lab.stands.simulated import in_virtual_time

SEED = 20261125

OWN = '''
import pytest
from helper_of_this_lab import ADDRESS_READ
from sibiao.lab.plugin import clause
from sibiao.lab.record import CannotDo, Cut, CutMap, Latencies, PulseTrain, SuccessRate
from sibiao.sim.success import lower_bound


@clause("4.11/5.12", "functions")
def test_address(stand, measure, plot, attach, progress, rng, quick):
    """Reads the address and
    measures the answer's delay."""
    delays = []
    for n in range(10 if quick else 20):
        progress(n, 20)
        stand.run(rng.uniform(0, 1))
        answer, ms = stand.uplink_exchange(ADDRESS_READ)
        delays.append(ms)
    attach("answer.bin", answer)
    measure("longest delay", max(delays), "ms", 20, 500)
    measure("asked", len(delays), "")
    plot(Latencies(delays, low=20, high=500))
    plot(SuccessRate(len(delays), 0, lower_bound(0, len(delays)), "address reads", 0.7))


@clause("4.10/5.9", "channel")
def test_two_values_outside(measure, plot):
    plot(PulseTrain([1.0, 2.0, 3.0], [(0.0, 0), (3.5, 2)], contact=[(0.0, 0), (1.0, 1), (1.1, 0)]))
    measure("counted less made", -1, "pulses", 0, 0)
    measure("rate", 9.5, "1/s", low=10)
    measure("spread", 3, "ms", high=3)


@clause("4.10/5.9", "channel")
def test_value_missing(measure):
    measure("latency", None, "ms", 20, 500)


@clause("4.5/5.7", "power loss")
def test_relay(stand, measure, plot):
    plot(CutMap([Cut(1.0, True, 0, 3), Cut(2.0, False, 9, 3), Cut(3.0, False, None, 3)]))
    measure("lost", None, "pulses", high=3)
    raise CannotDo("there is no relay <here>")


@pytest.fixture
def broken_instrument():
    raise OSError("the multimeter is off")


def test_instrument(broken_instrument):
    pass


def test_assertion(measure):
    measure("found", 3, "", 2, 2)
    print("printed by the step")
    assert 3 == 2, "three is not two"


@pytest.fixture
def falls_apart():
    yield
    raise OSError("the clamp slipped")


def test_fails_and_falls_apart(falls_apart):
    assert False, "no"


@pytest.fixture(scope="session")
def of_the_session(stand, seed, quick):
    return stand.kind, seed, quick


def test_what_is_no_number(of_the_session, measure, attach, plot):
    assert of_the_session == ("virtual", 20261125, True)
    measure("nan", float("nan"), "")
    measure("truth", True, "", 1, 1)
    for wrong in (lambda: measure("word", "12 ms", ""), lambda: attach("x", "text"),
                  lambda: plot([1, 2])):
        with pytest.raises((TypeError, ValueError)):
            wrong()


def test_rng(rng, measure):
    measure("drawn", rng.random(), "", 0, 1)
'''

HELPER = """
from sibiao.sim.uplink.dlt645_reading import made_frame

ADDRESS_READ = made_frame("A" * 12, 0x13)
"""


def own_steps(folder, text=OWN):
    folder.mkdir(exist_ok=True)
    (folder / "test_own.py").write_text(text)
    (folder / "helper_of_this_lab.py").write_text(HELPER)
    return folder


def played(folder, seed=SEED, **plan):
    """(steps as they ended, what was told, why it broke off)."""
    told, steps = [], []
    heard = Heard(
        began=lambda name: told.append(("began", name)),
        progress=lambda *at: told.append(("progress", *at)),
        ended=lambda step: steps.append(pickle.loads(pickle.dumps(step))),
    )
    with closing(in_virtual_time(load("sample"))) as stand:
        facts = stand.facts()
        plan = Plan(seed, quick=True, steps=(folder,), shipped=False, **plan)
        broken, said = play(stand, plan, heard)
    return facts, steps, told, broken, said
