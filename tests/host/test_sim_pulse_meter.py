"""The simulated water meter: what it says it emitted is what can be counted on the pin."""

from itertools import pairwise

import pytest
from sibiao.sim.pulse.meter import PulseMeter
from sibiao.sim.quantity import Quantity

from tests.host.virtual_clock import VirtualClock

MS = 1_000_000
S = 1_000_000_000


class Pins:
    """A node reduced to its pins: every level with its time."""

    def __init__(self):
        self.clock = VirtualClock()
        self.edges = []

    def set_pin(self, gpio, level):
        assert gpio == 7
        if not self.edges or self.edges[-1][1] != level:
            self.edges.append((self.clock.now_ns, level))


def debounced(edges, settle_ns=5 * MS):
    """Levels that lasted, with the time they began (of the first edge towards them)."""
    held = []
    ends = [at for at, _ in edges[1:]] + [edges[-1][0] + S]
    began = None
    for (at, level), end in zip(edges, ends, strict=True):
        began = at if began is None else began
        if end - at < settle_ns:
            continue
        if not held or held[-1][1] != level:
            held.append((began, level))
        began = None
    return held


@pytest.mark.parametrize("hz", [0.4, 2, 20])
def test_debounced_edges_are_the_emitted_pulses(hz):
    pins = Pins()
    meter = PulseMeter(pins, 7, litres_per_pulse=10, flow_l_per_h=int(hz * 36000), seed=3)
    assert pins.edges == [(0, 1)], "the contact is open at first"
    meter.start()
    pins.clock.run(60 * S)
    meter.stop()
    pins.clock.run(5 * S)
    assert meter.settled
    levels = debounced(pins.edges)
    closings = [at for at, level in levels if level == 0]
    assert len(closings) == meter.emitted
    assert abs(meter.emitted - 60 * hz) <= 3
    assert levels[-1][1] == 1
    closed_ns = [b - a for (a, level), (b, _) in pairwise(levels) if not level]
    assert min(closed_ns) > 0.3 * S / hz
    if hz <= 2:
        assert min(closed_ns) > 100 * MS


def test_bounce_is_there_and_ends_within_its_time():
    pins = Pins()
    meter = PulseMeter(pins, 7, flow_l_per_h=72000, bounce_ns=MS, seed=1)
    meter.start()
    pins.clock.run(30 * S)
    assert len(pins.edges) > 3 * meter.emitted, "false edges besides the true ones"
    true_ns = [at for at, _ in debounced(pins.edges)]
    for at, _ in pins.edges[1:]:
        assert any(0 <= at - edge <= MS for edge in true_ns)


def test_no_bounce_is_two_edges_a_pulse():
    pins = Pins()
    meter = PulseMeter(pins, 7, flow_l_per_h=72000, bounce_ns=0)
    meter.start()
    pins.clock.run(10 * S)
    meter.stop()
    pins.clock.run(S)
    assert len(pins.edges) == 1 + 2 * meter.emitted


def test_the_dial_is_base_reading_and_pulses():
    pins = Pins()
    meter = PulseMeter(pins, 7, litres_per_pulse=100, flow_l_per_h=360_000, base_reading_l=12_300)
    assert meter.dial == Quantity(12_300, -3, "m3")
    meter.start()
    pins.clock.run_until(lambda: meter.emitted == 4, 10 * S)
    assert meter.dial == Quantity(12_700, -3, "m3")
    now_ns = pins.clock.now_ns
    assert meter.log.held(Quantity(12_600, -3, "m3"), now_ns - 1, now_ns)
    assert not meter.log.held(Quantity(12_600, -3, "m3"), now_ns, now_ns + 1)


def test_stop_and_start_again_keep_one_wheel():
    pins = Pins()
    meter = PulseMeter(pins, 7, flow_l_per_h=36_000)
    for _ in range(20):
        meter.start()
        pins.clock.run(700 * MS)
        meter.stop()
        meter.start()
        meter.stop()
        pins.clock.run(300 * MS)
    pins.clock.run(5 * S)
    assert meter.settled
    assert sum(1 for _, level in debounced(pins.edges) if level == 0) == meter.emitted
    assert 5 <= meter.emitted <= 25


def test_a_seed_repeats_the_edges():
    def edges(seed):
        pins = Pins()
        PulseMeter(pins, 7, seed=seed).start()
        pins.clock.run(100 * S)
        return pins.edges

    assert edges(4) == edges(4) != edges(5)
