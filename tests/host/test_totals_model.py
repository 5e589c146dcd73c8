"""A kept total against a plain model: counting, commits that fail, power cuts, in any order."""

import pytest
from converter.model.total import Total
from converter.store.record import ABSENT, UNREADABLE
from converter.store.totals import KeptTotal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

_EVERY_PULSES, _EVERY_S = 10, 60
_BASE = 123450
_NUM, _DEN, _DIGITS = 3, 7, 6  # 3/7 of a unit a pulse: nothing may be rounded away


class Keeper:
    """In memory, all or nothing; what fails, fails before or after it has become durable."""

    def __init__(self):
        self.files = {}
        self.fails = None  # "before", "after" or None

    def load(self, name):
        return self.files.get(name)

    def commit(self, name, data):
        if self.fails == "before":
            raise OSError(28)
        self.files[name] = bytes(data)
        if self.fails == "after":
            raise OSError(5)


class TotalThroughItsLife(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.keeper = Keeper()
        self.now_s = 0
        self.truth = 0  # pulses on the wire since the first start
        self.durable = {None}  # what a restart may find: the last commit, or one that failed late
        self.uncommitted_since_s = None
        self._start()

    def _start(self):
        self.kept = KeptTotal(
            Total(_NUM, _DEN, -2, _DIGITS), self.keeper, "total1", _EVERY_PULSES, _EVERY_S
        )
        self.problem = self.kept.load()
        if self.problem == ABSENT:
            self.kept.total.base = _BASE
        self.uncommitted_since_s = None

    @rule(pulses=st.one_of(st.integers(1, 30), st.integers(1, 2**40)))
    def count(self, pulses):
        if not self.kept.uncommitted:
            self.uncommitted_since_s = self.now_s
        self.kept.add(pulses, self.now_s)
        self.truth += pulses

    @rule(span_s=st.integers(0, 100))
    def wait(self, span_s):
        self.now_s += span_s

    @rule(fails=st.sampled_from([None, None, "before", "after"]))
    def commit(self, fails):
        self.keeper.fails = fails
        try:
            self.kept.commit()
        except OSError:
            assert fails
            self.kept.put_off(self.now_s)
            self.uncommitted_since_s = self.now_s
            if fails == "after":
                self.durable.add(self.truth)
        else:
            assert not fails
            self.durable = {self.truth}
            assert self.kept.uncommitted == 0
        assert self.kept.total.pulses == self.truth, "a commit must not change the count"

    @rule()
    def power_cut(self):
        self._start()
        restored = self.kept.total.pulses if self.problem is None else None
        assert restored in self.durable
        # What was not committed is lost, and never more than is true.
        assert (restored or 0) <= self.truth
        self.truth = restored or 0
        self.durable = {restored}

    @precondition(lambda self: self.keeper.files)
    @rule(at=st.integers(0, 10**6), bit=st.integers(0, 7))
    def flash_rots(self, at, bit):
        """A wrong bit is a lost record that says so, never another number."""
        whole = self.keeper.files["total1"]
        spoilt = bytearray(whole)
        spoilt[at % len(spoilt)] ^= 1 << bit
        self.keeper.files["total1"] = bytes(spoilt)
        again = KeptTotal(Total(_NUM, _DEN, -2, _DIGITS), self.keeper, "total1", 1, 1)
        assert again.load() >= UNREADABLE
        assert again.total.pulses == 0
        self.keeper.files["total1"] = whole

    @invariant()
    def counts_and_index_are_exact(self):
        assert self.kept.total.pulses == self.truth
        assert self.kept.total.index() == (_BASE + self.truth * _NUM // _DEN) % 10**_DIGITS

    @invariant()
    def a_commit_is_due_by_the_policy(self):
        pending = self.kept.uncommitted
        assert 0 <= pending <= self.truth
        if not pending:
            assert not self.kept.due(self.now_s)
            return
        waited_s = self.now_s - self.uncommitted_since_s
        wanted = waited_s >= _EVERY_S or (pending >= _EVERY_PULSES and waited_s >= 1)
        assert self.kept.due(self.now_s) == wanted


TotalThroughItsLife.TestCase.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None, derandomize=True
)
TestTotal = TotalThroughItsLife.TestCase


def test_the_model_sees_a_count_that_is_lost(monkeypatch):
    def forgetful(self, real=KeptTotal.commit):
        real(self)
        self.total.pulses -= self.total.pulses > 100

    monkeypatch.setattr(KeptTotal, "commit", forgetful)
    with pytest.raises(AssertionError):
        TotalThroughItsLife.TestCase("runTest").runTest()
