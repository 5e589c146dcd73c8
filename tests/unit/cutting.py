"""Power cuts in every operation of a chip, and what must be found on it then.

make_keeper(contents, cut, seed) -> a keeper after a start, with its `chip` (see chips.py).
live(keeper, known) loads, changes, commits, and ends by OSError when the power goes; in the dict
`known` it notes what is true and what was acknowledged. check(keeper, known) asserts on a keeper
after the restart.
"""

import struct

from converter.model.events import TASK_ENDED, Events
from converter.model.total import Total
from converter.store.events import KeptEvents
from converter.store.record import Record
from converter.store.totals import KeptTotal


def campaign(make_keeper, live, check, torn=1, stride=1, first=0, seed=0):
    # How many cuts were made: before and `torn` times inside every stride-th operation of one
    # life. After each the records must be sound, and so after a second life on the same chip.
    whole = _whole_life(make_keeper, live)
    cuts = 0
    for cut in range(first, whole, stride):
        for variant in range(1 + torn):
            tear = variant and 1 + (seed * 7919 + cut) * torn + variant
            known = {}
            chip = _cut_life(make_keeper, None, cut, tear, live, check, known)
            assert chip.dead, f"the life ended before operation {cut}"
            again = make_keeper(chip.contents)
            live(again, known)
            again.chip.sound()
            check(make_keeper(again.chip.contents), known)
            cuts += 1
    assert cuts, "nothing was cut"
    return cuts


def hard_life(make_keeper, live, check, lives, seed):
    # One chip whose power is cut again and again, somewhere in every life.
    span = _whole_life(make_keeper, live)
    contents = None
    known = {}
    for _ in range(lives):
        seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
        cut = (seed >> 10) % span
        chip = _cut_life(make_keeper, contents, cut, seed >> 8, live, check, known)
        contents = chip.contents


def _whole_life(make_keeper, live):
    keeper = make_keeper()
    live(keeper, {})
    keeper.chip.sound()
    return keeper.chip.operations


def _cut_life(make_keeper, contents, cut, seed, live, check, known):
    keeper = make_keeper(contents, cut, seed)
    felt = False
    try:
        live(keeper, known)
    except OSError:
        felt = True
    keeper.chip.sound()
    try:
        assert felt == keeper.chip.dead, "a commit returned after the cut"
        check(make_keeper(keeper.chip.contents), known)
    except AssertionError as error:
        raise AssertionError(f"cut in operation {cut}, seed {seed}: {error}") from None
    return keeper.chip


def kept_total(keeper, name):
    return KeptTotal(Total(1, 1, -2, 7), keeper, name, 1, 1)


class Totals:
    """Two totals, counted and committed in turn."""

    def __init__(self, commits):
        self._commits = commits

    def live(self, keeper, known):
        kept = {name: kept_total(keeper, name) for name in ("total1", "total2")}
        for name in kept:
            kept[name].load()
            known[name, "true"] = kept[name].total.pulses
            known.setdefault((name, "acknowledged"), 0)
        for n in range(self._commits):
            name = f"total{1 + n % 2}"
            kept[name].add(3 + n, n)
            known[name, "true"] += 3 + n
            kept[name].commit()
            known[name, "acknowledged"] = known[name, "true"]

    def check(self, keeper, known):
        for name in ("total1", "total2"):
            kept = kept_total(keeper, name)
            problem = kept.load()
            acknowledged = known.get((name, "acknowledged"), 0)
            # Absent, or restored: never unreadable.
            assert problem is None or (problem == 0 and not acknowledged), (name, problem)
            restored = kept.total.pulses
            assert acknowledged <= restored <= known.get((name, "true"), 0), (name, restored)


class Log:
    """Events, committed after every second one."""

    def __init__(self, events):
        self._events = events

    def live(self, keeper, known):
        kept = KeptEvents(Events(), keeper, "events")
        kept.load()
        log = kept.events
        kept.starts += 1
        known["true"] = log.count
        known.setdefault("acknowledged", 0)
        for _ in range(self._events):
            log.add(TASK_ENDED, log.count, log.count)
            known["true"] += 1
            if log.count % 2:
                continue
            kept.commit()
            known["acknowledged"] = log.count

    def check(self, keeper, known):
        kept = KeptEvents(Events(), keeper, "events")
        problem = kept.load()
        count = kept.events.count
        acknowledged = known.get("acknowledged", 0)
        assert problem is None or (problem == 0 and not acknowledged), problem
        assert acknowledged <= count <= known.get("true", 0), count
        last = count - 1
        expected = (TASK_ENDED, last & 0xFF, last & 0xFFFF, last) if count else None
        assert kept.events.last() == expected, kept.events.last()


class Segments:
    """Two long records with an owner, rewritten in turn, as history is."""

    def __init__(self, commits, size=540):
        self._commits = commits
        self._size = size

    def record(self, keeper, n):
        return Record(keeper, f"history{n}", ((2, self._size),), b"mine")

    def live(self, keeper, known):
        records = [self.record(keeper, n) for n in range(2)]
        for n, record in enumerate(records):
            record.load()
            known[n, "true"] = record.sequence
            known.setdefault((n, "acknowledged"), 0)
        for k in range(self._commits):
            n = k % 2
            record = records[n]
            known[n, "true"] = record.sequence + 1
            record.payload[:] = self._expected(known[n, "true"])
            record.commit()
            known[n, "acknowledged"] = record.sequence

    def check(self, keeper, known):
        for n in range(2):
            record = self.record(keeper, n)
            acknowledged = known.get((n, "acknowledged"), 0)
            if not record.load():
                assert record.problem == 0 and not acknowledged, (n, record.problem)
                continue
            assert acknowledged <= record.sequence <= known[n, "true"], (n, record.sequence)
            assert bytes(record.payload) == self._expected(record.sequence), n

    def _expected(self, sequence):
        return struct.pack("<I", sequence) + bytes((sequence & 0xFF,)) * (self._size - 4)


class Together:
    """Several stores, each with names of its own, on one keeper, in turn."""

    def __init__(self, *stores, rounds=1):
        self._stores = stores
        self._rounds = rounds

    def live(self, keeper, known):
        for _ in range(self._rounds):
            for n, store in enumerate(self._stores):
                store.live(keeper, known.setdefault(n, {}))

    def check(self, keeper, known):
        for n, store in enumerate(self._stores):
            store.check(keeper, known.get(n, {}))
