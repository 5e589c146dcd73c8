"""Records against a plain model: several firmwares, owners and payloads on one keeper; commits
that fail before or after they are durable, cuts, rot, a keeper that does not answer."""

import pytest
from converter.store.record import (
    ABSENT,
    FOREIGN,
    NEWER,
    UNKNOWN,
    UNREADABLE,
    Record,
)
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.unit.memory_keeper import MemoryKeeper

# What each firmware reads; the newest last. The second format grows, the third shrinks.
FIRMWARES = (((1, 5), (2, 12), (3, 8)), ((2, 12), (3, 8)), ((1, 5), (2, 12)), ((1, 5),))
OWNERS = (b"ours", b"them")
NAMES = ("one", "two")
SIZES = {1: 5, 2: 12, 3: 8}


class Kept:
    """What a durable record holds, in plain words."""

    def __init__(self, version, owner, sequence, payload):
        self.version = version
        self.owner = owner if version > 1 else None
        self.sequence = sequence
        self.payload = payload

    def problem(self, firmware, owner):
        known = [version for version, _ in firmware]
        if self.version > known[-1]:
            return NEWER
        if self.version not in known:
            return UNREADABLE
        if self.owner not in (None, owner):
            return FOREIGN
        return None


class RecordsThroughTheirLives(RuleBasedStateMachine):
    @initialize(firmware=st.sampled_from(FIRMWARES))
    def begin(self, firmware):
        self.keeper = MemoryKeeper()
        # name -> what may be found: None for nothing, "spoilt", or Kept.
        self.durable = {name: [None] for name in NAMES}
        self.start(firmware, OWNERS[0])

    @rule(firmware=st.sampled_from(FIRMWARES), owner=st.sampled_from((*OWNERS, OWNERS[0])))
    def start(self, firmware, owner):
        """A power cut, another firmware or another meter: nothing in memory is left."""
        self.firmware, self.owner = firmware, owner
        self.record = Record(self.keeper, NAMES[0], firmware, owner)
        self.name = NAMES[0]
        self.version, self.sequence = firmware[-1][0], 0
        self.payload = bytes(SIZES[self.version])
        self.load(self.name)

    @rule(name=st.sampled_from(NAMES))
    def load(self, name):
        # One buffer serves both records.
        self.record.name = self.name = name
        ok = self.record.load()
        assert ok == (self.record.problem is None)
        found = [kept for kept in self.durable[name] if self._problem(kept) == self.record.problem]
        assert found, self.record.problem
        if not ok:
            self.durable[name] = found
            return
        found = [
            kept
            for kept in found
            if (kept.version, kept.sequence, kept.payload)
            == (self.record.version, self.record.sequence, bytes(self.record.payload))
        ]
        assert found
        self.durable[name] = found[:1]
        self.version, self.sequence = found[0].version, found[0].sequence
        self.payload = found[0].payload

    @rule(name=st.sampled_from(NAMES))
    def load_without_an_answer(self, name):
        self.record.name = self.name = name
        self.keeper.silent = True
        assert not self.record.load()
        assert self.record.problem == UNKNOWN
        self.keeper.silent = False

    def _problem(self, kept):
        if kept is None:
            return ABSENT
        return UNREADABLE if kept == "spoilt" else kept.problem(self.firmware, self.owner)

    @rule(data=st.data())
    def upgrade(self, data):
        version, size = data.draw(st.sampled_from(self.firmware))
        self.record.use(version)
        self.payload = self.payload[:size].ljust(size, b"\0")
        self.version = version

    @rule(at=st.integers(0, 11), byte=st.integers(0, 255))
    def write(self, at, byte):
        at %= len(self.payload)
        self.record.payload[at] = byte
        self.payload = self.payload[:at] + bytes((byte,)) + self.payload[at + 1 :]

    @rule(times=st.integers(1, 3), fails=st.sampled_from([None, None, None, "before", "after"]))
    def commit(self, times, fails):
        if self.record.problem in (NEWER, FOREIGN, UNKNOWN):
            before = dict(self.keeper.files)
            with pytest.raises(OSError):
                self.record.commit()
            assert self.keeper.files == before, "not ours to write over"
            return
        self.keeper.fails = fails
        for _ in range(times):
            kept = Kept(self.version, self.owner, (self.sequence + 1) % 2**32, self.payload)
            try:
                self.record.commit()
            except OSError:
                assert fails
                if fails == "after":
                    self.durable[self.name].append(kept)
            else:
                assert not fails
                self.durable[self.name] = [kept]
                self.sequence = kept.sequence
        self.keeper.fails = None

    @rule()
    def take_over(self):
        self.record.take_over()

    @rule(sequence=st.sampled_from([0, 2**31 - 1, 2**32 - 1]))
    def grow_old(self, sequence):
        self.record.sequence = self.sequence = sequence

    @rule(name=st.sampled_from(NAMES), at=st.integers(0, 10**6), torn=st.booleans())
    def rot(self, name, at, torn):
        if name not in self.keeper.files or self.durable[name] == ["spoilt"]:
            return
        spoilt = bytearray(self.keeper.files[name])
        at %= len(spoilt)
        if torn:
            del spoilt[at:]
        else:
            spoilt[at] ^= 1 << at % 8
        self.keeper.files[name] = bytes(spoilt)
        self.durable[name] = ["spoilt"]

    @invariant()
    def memory_holds_what_was_written(self):
        assert bytes(self.record.payload) == self.payload
        assert (self.record.version, self.record.sequence) == (self.version, self.sequence)


SETTINGS = settings(max_examples=100, stateful_step_count=40, deadline=None, derandomize=True)
RecordsThroughTheirLives.TestCase.settings = SETTINGS
TestRecords = RecordsThroughTheirLives.TestCase


def _sees():
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            RecordsThroughTheirLives, settings=settings(SETTINGS, phases=[Phase.generate])
        )


def test_the_model_sees_a_foreign_record_taken_for_ours(monkeypatch):
    def trusting(self, data, real=Record._problem_of):
        problem = real(self, data)
        return None if problem == FOREIGN else problem

    monkeypatch.setattr(Record, "_problem_of", trusting)
    _sees()


def test_the_model_sees_what_an_upgrade_leaves_over(monkeypatch):
    def careless(self, version, real=Record.use):
        tail = bytes(self._buf) if self.version else None
        real(self, version)
        if tail:
            self.payload[:] = tail[12 : 12 + len(self.payload)]

    monkeypatch.setattr(Record, "use", careless)
    _sees()


def test_the_model_sees_a_commit_that_is_not_there(monkeypatch):
    def forgetful(self, real=Record.commit):
        if self.sequence % 2:
            self.sequence += 1
        else:
            real(self)

    monkeypatch.setattr(Record, "commit", forgetful)
    _sees()
