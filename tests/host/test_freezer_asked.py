"""Freezes that somebody asks for (16H), and a settlement day that is changed: none is lost."""

from types import SimpleNamespace

from converter.app.freezer import Freezer
from converter.model import calendar, events
from converter.model.freezes import ANY, INSTANT, MONTH, TIMED
from converter.store.history import History

from tests.unit.memory_keeper import MemoryKeeper

NOW_S = calendar.to_seconds(2026, 3, 25, 8, 15, 40)


class Point:
    quantities = b"\x01"

    def __init__(self, number):
        self.identity = bytes((number,) * 6)
        self.status = 0
        self.index = 100 * number

    def value(self, slot):
        return self.index

    def exponent(self, slot):
        return -2

    def unit(self, slot):
        return 0


class Bench:
    def __init__(self, keeper=None, settlement=(1, 0, 1)):
        self.keeper = keeper or MemoryKeeper()
        self.time_s = NOW_S
        self.seen = []
        self.node = SimpleNamespace(
            points=[None, Point(1), Point(2)],
            pulses=None,
            now_s=lambda: self.time_s,
            time_s=lambda: self.time_s,
            record_event=lambda *event: self.seen.append(event),
        )
        self.freezer = Freezer(self.node, History(self.keeper), settlement)

    def run(self, span_s, step_s=1):
        for _ in range(0, span_s, step_s):
            self.time_s += step_s
            self.freezer.look(self.time_s)
            self.freezer.commit_due()

    def times(self, kind, i=1):
        found = [self.freezer.past(i, kind, back) for back in range(1, 31)]
        return [each[0] for each in found if each]


def test_all_points_or_one():
    bench = Bench()
    assert bench.freezer.freeze(0)
    bench.time_s += 5
    assert bench.freezer.freeze(2)
    assert bench.times(INSTANT) == [NOW_S]  # asked for before it is durable
    assert bench.freezer.commit_all()
    again = Bench(bench.keeper)
    assert again.times(INSTANT) == [NOW_S]
    assert again.times(INSTANT, 2) == [NOW_S + 5, NOW_S]
    assert again.freezer.past(2, INSTANT, 1)[1] == (NOW_S + 5, 200, 0, -2, 0)


def test_without_a_time_nothing_is_frozen():
    bench = Bench()
    bench.time_s = 0
    assert not bench.freezer.freeze(0)


def test_what_cannot_be_kept_is_said():
    bench = Bench()
    bench.keeper.fails = "before"
    assert bench.freezer.freeze(0)
    assert not bench.freezer.commit_all()
    assert not bench.freezer.commit_all()
    assert [code for code, *_ in bench.seen] == [events.COMMIT_FAILED]
    bench.keeper.fails = None
    assert bench.freezer.commit_all()
    assert bench.times(INSTANT) == [NOW_S]
    bench.keeper.fails = "before"
    taken = 0
    while bench.freezer.freeze(0):
        taken += 1
    assert taken == 32


def test_timed_ones_come_at_their_minute():
    for pattern, expected in (
        ((ANY, ANY, 30), [(25, 8, 30), (25, 9, 30), (25, 10, 30)]),
        ((ANY, 9, 0), [(25, 9, 0)]),
        ((25, 10, 20), [(25, 10, 20)]),
        ((26, 10, 20), []),
    ):
        bench = Bench()
        bench.freezer.pattern = pattern
        bench.run(10000)
        moments = [calendar.to_seconds(2026, 3, *each, 0) for each in expected]
        assert bench.times(TIMED) == bench.times(TIMED, 2) == moments[::-1]


def test_a_changed_settlement_day_leaves_the_past_ones():
    bench = Bench(settlement=(25, 9, 1))
    bench.run(4000)
    first = calendar.to_seconds(2026, 3, 25, 9, 0, 0)
    assert bench.times(MONTH)[:1] == [first]
    bench.freezer.settlement = 5, 10, 1
    assert bench.freezer.past(1, MONTH, 1)[0] == first
    bench.time_s = calendar.to_seconds(2026, 4, 5, 9, 59, 50)
    assert bench.freezer.past(1, MONTH, 1)[0] == first
    bench.run(30)
    second = calendar.to_seconds(2026, 4, 5, 10, 0, 0)
    assert [bench.freezer.past(1, MONTH, back)[0] for back in (1, 2)] == [second, first]
    assert bench.freezer.past(1, MONTH, 1)[1][1] == 100
