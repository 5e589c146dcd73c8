"""Freezes against a plain model: a clock that runs, jumps both ways and is lost, power cuts,
commits that fail. None is ever invented, and none that was taken and kept is lost."""

import struct
from datetime import datetime
from types import SimpleNamespace

from converter.app import freezer as freezer_module
from converter.app.freezer import Freezer
from converter.model import events
from converter.model.freezes import DAY, HOUR, INSTANT, MONTH, YEAR
from converter.store.history import KEPT, History
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.host.freezes_model import (
    EPOCH,
    HOUR_S,
    LATE_S,
    POINTS,
    WAITING,
    Point,
    kinds_at,
    moment_of,
)
from tests.host.planted import sees
from tests.unit.memory_keeper import MemoryKeeper


class FreezesThroughTheYears(RuleBasedStateMachine):
    @initialize(
        settlement=st.tuples(st.integers(1, 28), st.integers(0, 23), st.integers(1, 12)),
        settlement_at_once=st.booleans(),
    )
    def begin(self, settlement, settlement_at_once):
        self.settlement = settlement
        self.keeper = MemoryKeeper()
        self.seen = {}  # (point, moment): every entry that would have been the truth
        self.kept = {}  # (point, kind, moment): number; must be found
        self.asked_for = []  # every instantaneous freeze of point 1
        self.durable = None  # the last one that a failing keeper has kept
        self.instants = []  # of them, those that were committed
        self.lost_events = self.lost_expected = 0
        self.node = None
        start = datetime(2026, settlement[2], settlement[0], settlement[1])
        self.start_s = int((start - EPOCH).total_seconds()) - (5 if settlement_at_once else 9000)
        self.civil_s = self.start_s
        self._start()

    def _start(self):
        self.uptime_s = 0
        self.waiting = []  # (point, kind, moment, number)
        self.last_hour = self.tried_s = 0
        points = self.node.points if self.node else [None, Point(1), Point(2)]
        self.node = SimpleNamespace(
            points=points,
            pulses=None,
            now_s=lambda: self.uptime_s,
            time_s=lambda: self.civil_s or 0,
            record_event=self._event,
        )
        self.freezer = Freezer(self.node, History(self.keeper), self.settlement)

    def _event(self, code, detail, value=0, since_s=None):
        assert code in (events.FREEZE_LOST, events.COMMIT_FAILED)
        self.lost_events += code == events.FREEZE_LOST

    def _look(self):
        now = self.civil_s
        self.freezer.look(now or 0)
        if not now or now % HOUR_S > LATE_S:
            return
        moment = now - now % HOUR_S
        for i in POINTS:
            entry = self.node.points[i].entry(moment)
            self.seen.setdefault((i, moment), set()).add(entry)
        if moment == self.last_hour:
            return
        self.last_hour = moment
        for kind, number in kinds_at(moment, self.settlement).items():
            for i in POINTS:
                if len(self.waiting) < WAITING:
                    self.waiting.append((i, kind, moment, number))
                else:
                    self.lost_expected += 1

    def _rest(self):
        # The uplink rests: one freeze may be committed.
        if self.waiting and self.uptime_s != self.tried_s:
            one = self.waiting[0]
            # Kept, though the keeper had said that it was not: not written again.
            if self.keeper.fails and not (one[1] == INSTANT and one[3] == self.durable):
                self.tried_s = self.uptime_s
                self.durable = one[3] if self.keeper.fails == "after" else None
            else:
                self._committed(*self.waiting.pop(0))
        self.freezer.commit_due()

    def _committed(self, i, kind, moment, number):
        if kind == INSTANT:
            self.instants.append(number)
            return
        # It may take the place only of one so far away that nobody can ask for both.
        for key, other in list(self.kept.items()):
            if key[:2] == (i, kind) and abs(other - number) >= KEPT[kind]:
                del self.kept[key]
        self.kept[i, kind, moment] = number

    def _pass(self, span_s, rests=True):
        self.uptime_s += span_s
        if self.civil_s is not None:
            self.civil_s += span_s
        self._look()
        if rests:
            self._rest()

    @rule(seconds=st.integers(1, 25), step_s=st.sampled_from([1, 1, 2, 13]), rests=st.booleans())
    def run(self, seconds, step_s, rests):
        for n in range(seconds):
            self._pass(step_s, rests)
            self.node.points[1].index = 1000 + self.uptime_s % 7 + n

    @rule(hours=st.integers(1, 40), growth=st.integers(0, 5), rests=st.booleans())
    def run_for_hours(self, hours, growth, rests):
        # Between the full hours a look finds nothing to do: these are left out.
        for _ in range(hours):
            if self.civil_s is None:
                self._pass(HOUR_S, rests)
                continue
            self._pass(HOUR_S - 2 - self.civil_s % HOUR_S or HOUR_S, rests)
            for _ in range(5):
                self._pass(1, rests)
            for _ in range(8 if rests else 0):
                self._pass(3, rests)
            for i in POINTS:
                if self.node.points[i].index is not None:
                    self.node.points[i].index += growth

    @rule(unknown=st.booleans(), status=st.sampled_from([0, 8, 64]))
    def change_the_point(self, unknown, status):
        self.node.points[2].index = None if unknown else self.uptime_s
        self.node.points[2].status = status

    @rule(
        hours=st.one_of(
            st.integers(-3, 3), st.sampled_from([-540, -270, 270, 540]), st.integers(-9000, 9000)
        ),
        past_s=st.one_of(st.integers(-3, 14), st.integers(0, HOUR_S - 1)),
    )
    def set_the_clock(self, hours, past_s):
        # To somewhere about a full hour, most often.
        base = self.start_s if self.civil_s is None else self.civil_s
        self.civil_s = max(base - base % HOUR_S + hours * HOUR_S + past_s, 366 * 86400)

    @rule(fails=st.sampled_from([None, None, None, "before", "after"]))
    def keeper(self, fails):
        self.keeper.fails = fails

    @rule(
        off_s=st.one_of(st.integers(0, 20), st.integers(0, 400 * 86400)),
        chip=st.sampled_from([True, True, False]),
    )
    def power_cut(self, off_s, chip):
        if self.civil_s is not None:
            self.civil_s = self.civil_s + off_s if chip else None
        self._start()

    @precondition(lambda self: self.civil_s is not None)
    @rule(i=st.sampled_from(POINTS), kind=st.sampled_from([HOUR, DAY, MONTH, YEAR]))
    def ask_for_all(self, i, kind):
        for back in range(1, KEPT[kind] + 1):
            self._ask(i, kind, back)

    @rule()
    def freeze_now(self):
        self._pass(1)
        self.node.points[1].index = 100000 + len(self.asked_for)  # no two alike
        entry = self.node.points[1].entry(self.civil_s)
        takes = self.civil_s is not None and len(self.waiting) < WAITING
        assert self.freezer.freeze(1) == takes
        if takes:
            self.asked_for.append(entry)
            self.waiting.append((1, INSTANT, self.civil_s, entry))

    @rule()
    def ask_for_instants(self):
        found = [self.freezer.past(1, INSTANT, back, 0) for back in range(1, KEPT[INSTANT] + 1)]
        found = [entry for each in found if each for _, entry in [each]]
        assert all(entry in self.asked_for for entry in found)
        assert len(set(found)) == len(found)
        # Those whose commit failed, and then the power, may be there or not.
        sure = self.instants + [number for _, kind, _, number in self.waiting if kind == INSTANT]
        known = [entry for entry in found if entry in sure]
        assert known == sure[::-1][: len(known)]
        assert len(known) == len(sure) or len(found) == KEPT[INSTANT]

    def _ask(self, i, kind, back):
        moment, entry = self.freezer.past(i, kind, back, self.civil_s)
        assert moment == moment_of(kind, back, self.civil_s, self.settlement)
        if entry is None:
            assert all(each[:3] != (i, kind, moment) for each in self.waiting)
            assert (i, kind, moment) not in self.kept
        else:
            assert entry in self.seen.get((i, moment), ())

    @rule(kind=st.sampled_from([HOUR, DAY, MONTH, YEAR]))
    def ask_beyond(self, kind):
        assert self.freezer.past(1, kind, 0, self.civil_s or 0) is None
        assert self.freezer.past(1, kind, KEPT[kind] + 1, self.civil_s or 0) is None
        if self.civil_s is None:
            assert self.freezer.past(1, kind, 1, 0) is None

    @invariant()
    def the_newest_of_each_kind_are_right(self):
        if self.civil_s is not None:
            for kind in (HOUR, DAY, MONTH, YEAR):
                for back in range(1, min(KEPT[kind], 4) + 1):
                    self._ask(2, kind, back)
        assert self.lost_events == self.lost_expected


SETTINGS = settings(max_examples=60, stateful_step_count=30, deadline=None, derandomize=True)
FreezesThroughTheYears.TestCase.settings = SETTINGS
TestFreezes = FreezesThroughTheYears.TestCase


def test_the_model_sees_a_freeze_taken_late(monkeypatch):
    monkeypatch.setattr(freezer_module, "_LATE_S", 3000)
    sees(FreezesThroughTheYears)


def test_the_model_sees_one_of_another_time(monkeypatch):
    def careless(self, point, owner, kind, number, time_s):
        # Whatever stands in its place.
        at = self._open(point, owner, kind, number)
        return (time_s, *struct.unpack_from("<IqHbB", self._record.payload, at)[1:])

    monkeypatch.setattr(History, "get", careless)
    sees(FreezesThroughTheYears)


def test_the_model_sees_one_that_was_not_kept(monkeypatch):
    def forgetful(self, point, owner, kind, number, entry, real=History.put):
        if number is None or number % 5:
            real(self, point, owner, kind, number, entry)

    monkeypatch.setattr(History, "put", forgetful)
    sees(FreezesThroughTheYears)


def test_the_model_sees_one_asked_for_that_was_not_kept(monkeypatch):
    def forgetful(self, point, owner, kind, number, entry, real=History.put):
        if number is not None or entry[1] % 3:
            real(self, point, owner, kind, number, entry)

    monkeypatch.setattr(History, "put", forgetful)
    sees(FreezesThroughTheYears)
