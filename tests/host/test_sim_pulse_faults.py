"""The generator of faults: what a story tells is what its wires show, and a seed repeats it."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sibiao.sim.pulse.faults import FAULTS, story
from sibiao.sim.pulse.player import PulsePlayer
from sibiao.sim.pulse.train import (
    TURN,
    Contact,
    bounces,
    combine,
    during,
    dwells,
    train,
    whole_turns,
)
from sibiao.sim.pulse.wiring import (
    CLOSED_ABOVE_MV,
    CLOSED_MV,
    CUT_BELOW_MV,
    CUT_MV,
    LOW_PASS_NS,
    NAMUR,
    OPEN_BELOW_MV,
    OPEN_MV,
    QUADRATURE,
    SEQUENCE,
    SHORT_ABOVE_MV,
    SHORT_MV,
    SINGLE,
    WIRINGS,
    LowPass,
    Wiring,
)

from tests.host.virtual_clock import VirtualClock

MS = 1_000_000
S = 1_000_000_000


class Pins:
    """A node reduced to its pins: every change with its time."""

    def __init__(self):
        self.clock = VirtualClock()
        self.changes = []

    def set_pin(self, gpio, level):
        self.changes.append((self.clock.now_ns, gpio, level))


# The wheel and its trains.


def test_train_keeps_what_changes():
    assert train([(0, 1), (5, 1), (7, 0), (7, 1), (9, 0)]) == ((0, 1), (9, 0))


def test_combine_joins_changes_at_one_time():
    a, b = during([(3, 5), (8, 9)]), during([(5, 8)])
    assert combine(int.__or__, a, b) == ((0, 0), (3, 1), (9, 0))
    assert combine(int.__and__, a, b) == ((0, 0),)


def test_a_contact_opens_where_it_closed_when_the_wheel_turns_back():
    contact = Contact(300, 700)
    there = [(0, 0), (1000, 1000)]
    assert contact.train(there) == ((0, 0), (300, 1), (700, 0))
    back = [*there, (2000, 0)]
    assert contact.train(back) == ((0, 0), (300, 1), (700, 0), (1300, 1), (1700, 0))


def test_a_wheel_that_stops_on_an_edge_is_closed():
    at_edge = [(0, 0), (300, 300), (900, 300), (901, 299), (902, 300)]
    assert Contact(300, 700).train(at_edge) == ((0, 0), (300, 1), (900, 0), (902, 1))


def test_whole_turns_have_play():
    assert whole_turns([(0, 0), (1, 2500), (2, 1600), (3, 2600)]) == (2, 0)
    assert whole_turns([(0, 0), (1, 2500), (2, 900), (3, 3000)]) == (4, 1)
    assert whole_turns([(0, -500), (1, 2000)]) == (2, 0)


@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.integers(-3500, 3500)), min_size=1, max_size=20)
)
@settings(max_examples=200, deadline=None)
def test_contacts_show_the_place_of_the_wheel(moves):
    """Whatever the wheel does: at its end each contact is as its place says."""
    knots = [(0, 0)]
    for span_ns, parts in moves:
        knots.append((knots[-1][0] + span_ns, knots[-1][1] + parts))
    for kind in WIRINGS:
        for contact in Wiring(kind).contacts.values():
            one = contact.train(knots)
            place = knots[-1][1] % TURN
            assert one[-1][1] == (contact.closes <= place < contact.opens)
            assert all(a < b and u != v for (a, u), (b, v) in pairwise(one))
    forward, back = whole_turns(knots)
    assert abs(knots[-1][1] - (forward - back) * TURN) < TURN


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_bounce_stays_short_and_leaves_the_contact_at_peace(seed):
    one = ((0, 0), (10 * MS, 1), (60 * MS, 0))
    spans = bounces(one, 1, 100 * MS, random.Random(seed), (200_000, MS))
    for begin, end in spans:
        assert 10 * MS < begin < end < 11 * MS and end - begin <= 200_000


# Stories.


@pytest.mark.parametrize("kind", WIRINGS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_seed_repeats_a_story(fault, kind):
    wiring = Wiring(kind, guarded=True)
    assert story(fault, wiring, seed=4) == story(fault, wiring, seed=4)
    assert story(fault, wiring, seed=4).wires != story(fault, wiring, seed=5).wires


@pytest.mark.parametrize("kind", WIRINGS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_story_goes_where_it_was_sent(fault, kind):
    for seed in range(3):
        told = story(fault, Wiring(kind), pulses=24, rate_hz=3, seed=seed)
        assert told.dial == 24
        assert told.forward == 24 + told.reverse
        assert told.reverse == told.counts.get("pulse back", 0)
        first, *rest = told.edges()
        assert first[0] == 0
        assert all(0 <= at < told.end_ns for at, *_ in rest)
        assert all(a[0] <= b[0] for a, b in pairwise(told.edges()))
        for one in told.wires.values():
            assert all(a < b and u != v for (a, u), (b, v) in pairwise(one))


def held(one, end_ns, filter_ns):
    """Levels that lasted as long as the filter asks, without repetition."""
    levels = [v for a, b, v in dwells(one, end_ns) if b - a >= filter_ns]
    return [v for n, v in enumerate(levels) if n == 0 or levels[n - 1] != v]


@pytest.mark.parametrize("active", (0, 1))
@pytest.mark.parametrize(
    "fault", ("clean", "bounce_closing", "slow_edges", "disturbances", "emi_burst", "mains_pickup")
)
def test_a_single_wire_shows_as_many_pulses_as_the_dial(fault, active):
    """By a filter of our own, which shares nothing with the firmware."""
    for seed in range(5):
        told = story(fault, Wiring(SINGLE, active), rate_hz=3, seed=seed)
        levels = held(told.wires["a"], told.end_ns, 10 * MS)
        assert levels.count(active) == told.dial


def test_bounce_is_at_the_edge_it_is_named_for():
    def longest_ns(fault, value):
        told = story(fault, Wiring(SINGLE, active=1), rate_hz=3)
        spans = dwells(told.wires["a"], told.end_ns)
        return max((b - a for a, b, v in spans[1:-1] if v == value and b - a < 5 * MS), default=0)

    assert 0 < longest_ns("bounce_closing", 0) <= 200_000
    assert 0 < longest_ns("bounce_opening", 1) <= 200_000
    assert len(story("clean", Wiring(SINGLE), pulses=40).wires["a"]) == 1 + 2 * 40


def test_quadrature_steps_are_those_of_a_wheel():
    """A leads B; forward and back both, every step is to a neighbouring state."""
    told = story("backflow", Wiring(QUADRATURE, active=1), rate_hz=3)
    both = combine(lambda a, b: a | b << 1, told.wires["a"], told.wires["b"])
    order = {0: 0, 1: 1, 3: 2, 2: 3}
    steps = [(order[v] - order[u]) % 4 for (_, u), (_, v) in pairwise(both)]
    assert set(steps) == {1, 3}
    assert steps.count(1) - steps.count(3) == 4 * told.dial
    assert steps.count(3) == 4 * told.reverse


def test_sequence_contacts_are_never_closed_together_in_normal_work():
    told = story("swing_at_edge", Wiring(SEQUENCE, active=1), rate_hz=3)
    both = combine(int.__and__, told.wires["a"], told.wires["b"])
    assert both == ((0, 0),)
    magnet = story("magnet_at_rest", Wiring(SEQUENCE, active=1), rate_hz=3)
    both = combine(int.__and__, magnet.wires["a"], magnet.wires["b"])
    assert [v for _, v in both].count(1) == magnet.counts["magnet"]


def test_a_current_loop_tells_a_cut_and_a_short():
    for fault, mv in (("cable_cut_at_rest", CUT_MV), ("cable_short_at_rest", SHORT_MV)):
        told = story(fault, Wiring(NAMUR), rate_hz=3)
        assert {v for _, v in told.wires["a"]} == {OPEN_MV, CLOSED_MV, mv}
    assert CUT_MV < CUT_BELOW_MV < OPEN_MV < OPEN_BELOW_MV
    assert OPEN_BELOW_MV < CLOSED_ABOVE_MV < CLOSED_MV < SHORT_ABOVE_MV < SHORT_MV


def test_slow_edges_of_a_voltage_are_ramps():
    told = story("slow_edges", Wiring(NAMUR), rate_hz=3)
    between = [v for _, v in told.wires["a"] if OPEN_BELOW_MV < v < CLOSED_ABOVE_MV]
    assert len(between) > 10 * told.dial


def test_a_guarded_cable_shows_itself():
    cut = story("cable_cut_in_flow", Wiring(SINGLE, guarded=True), rate_hz=3)
    assert [v for _, v in cut.wires["loop"]].count(1) == cut.counts["cut"] == 3
    assert cut.wires["cover"] == ((0, 0),)
    opened = story("cover_opened", Wiring(SINGLE, guarded=True), rate_hz=3)
    assert [v for _, v in opened.wires["cover"]].count(1) == 3
    assert set(story("clean", Wiring(SINGLE)).wires) == {"a"}


def test_what_a_magnet_hides_is_told():
    told = story("magnet_in_flow", Wiring(SINGLE), rate_hz=3)
    levels = held(told.wires["a"], told.end_ns, 10 * MS)
    assert levels.count(0) == told.dial - told.counts["pulse unseen"] + told.counts["magnet"]


def test_stories_that_cannot_be_told_are_refused():
    with pytest.raises(ValueError, match="'bounce' is none of clean, bounce_closing"):
        story("bounce", Wiring(SINGLE))
    with pytest.raises(ValueError, match="'reed' is none of single, namur"):
        Wiring("reed")
    with pytest.raises(ValueError, match=r"8 pulses or more, not 7"):
        story("backflow", Wiring(SINGLE), pulses=7)
    with pytest.raises(ValueError, match="at 20 Hz a contact of wiring 'single' holds for 18 ms"):
        story("clean", Wiring(SINGLE), rate_hz=20)
    with pytest.raises(ValueError, match="too wide"):
        story("mains_pickup", Wiring(SINGLE, min_idle_us=15_000), rate_hz=3)
    quick = Wiring(SINGLE, min_active_us=5000, min_idle_us=5000)
    assert story("clean", quick, rate_hz=20).dial == 40


def test_the_low_pass_is_that_of_a_resistor_and_a_capacitor():
    behind = LowPass(0, 0)
    behind.put(0, 1000)
    assert [behind.at(n * LOW_PASS_NS) for n in (0, 1, 2, 8)] == [0, 632, 865, 1000]
    behind.put(LOW_PASS_NS, 0)
    assert behind.at(2 * LOW_PASS_NS) == 233


# The player.


def test_the_player_puts_every_edge_in_its_time():
    told = story("backflow", Wiring(QUADRATURE, guarded=True), pulses=8, rate_hz=3)
    node = Pins()
    node.clock.run(7 * S)
    pins = {"a": 4, "b": 5, "loop": 6, "cover": 7}
    player = PulsePlayer(node, told, pins)
    assert not player.done
    assert node.clock.run_until(lambda: player.done, 1) is False
    node.clock.run(told.end_ns)
    assert player.done
    assert node.changes == [(7 * S + at, pins[wire], v) for at, wire, v in told.edges()]


def test_the_player_keeps_to_the_pins_it_was_given():
    told = story("cable_cut_at_rest", Wiring(SINGLE, guarded=True), pulses=8, rate_hz=3)
    node = Pins()
    player = PulsePlayer(node, told, {"a": 4})
    node.clock.run(told.end_ns // 2)
    player.stop()
    count = len(node.changes)
    node.clock.run(told.end_ns)
    assert {gpio for _, gpio, _ in node.changes} == {4}
    assert len(node.changes) == count > 4
    with pytest.raises(ValueError, match="'quadrature' needs a pin for b"):
        PulsePlayer(node, story("clean", Wiring(QUADRATURE)), {"a": 4})
    with pytest.raises(ValueError, match="'namur' needs a pin for a"):
        PulsePlayer(node, story("clean", Wiring(NAMUR)), {})


def test_the_player_puts_voltages_where_the_bench_can():
    told = story("clean", Wiring(NAMUR, guarded=True), pulses=8, rate_hz=3)
    node, voltages = Pins(), []
    PulsePlayer(node, told, {"loop": 6}, lambda wire, mv: voltages.append((wire, mv)))
    node.clock.run(told.end_ns)
    assert voltages == [("a", mv) for _, mv in told.wires["a"]]
    assert node.changes == [(0, 6, 0)]


def test_the_player_says_when_to_keep_the_node_busy():
    told = story("pulses_in_transmission", Wiring(SINGLE), pulses=8, rate_hz=3)
    node = Pins()
    player = PulsePlayer(node, told, {"a": 4})
    ((begin_ns, end_ns),) = told.busy
    seen = []
    for at_ns in (begin_ns - 1, begin_ns, end_ns - 1, end_ns):
        node.clock.run(at_ns - node.clock.now_ns)
        seen.append(player.busy)
    assert seen == [False, True, True, False]
