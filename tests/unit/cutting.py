"""Power cuts in every operation of a chip, and what must be found on it then.

make_keeper(contents, cut, seed) -> a keeper after a start, with its `chip` (see chips.py).
live(keeper, known) loads, changes, commits, and ends by OSError when the power goes; in the dict
`known` it notes what is true and what was acknowledged. check(keeper, known) asserts on a keeper
after the restart.
"""

from converter.model.events import CAPACITY, TASK_ENDED, Events
from converter.model.freezes import INSTANT
from converter.model.total import Total
from converter.store.archive import Archive
from converter.store.events import KeptEvents
from converter.store.history import KEPT, History
from converter.store.parameters import Parameters
from converter.store.presets import CORRECTED, Presets
from converter.store.reports import KeptReports
from converter.store.totals import KeptTotal
from converter.store.writes import Writes

OWNER = b"mine"
HOURLY = 0


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


class Totals:
    """Two totals, counted and committed in turn. trial: in the first half of a life the slot is
    not confirmed, so that the old format is written, which knows no reverse pulses."""

    def __init__(self, commits, trial=False):
        self._commits = commits
        self._confirmed = commits // 2 if trial else 0

    def _kept(self, keeper, name):
        return KeptTotal(Total(1, 1, -2, 7), keeper, name, OWNER, (1, 1, 0))

    def live(self, keeper, known):
        # known[name]: the count that was acknowledged, and the true one.
        kept = {name: self._kept(keeper, name) for name in ("total1", "total2")}
        for name in kept:
            kept[name].load()
            count = _count(kept[name].total)
            known[name] = (count, count)
        for n in range(self._commits):
            name = f"total{1 + n % 2}"
            confirmed = n >= self._confirmed
            if confirmed:
                kept[name].upgrade()
            kept[name].add(3 + n, n % 3 if confirmed else 0, n)
            known[name] = (known[name][0], _count(kept[name].total))
            kept[name].commit(n, n, 0)
            known[name] = (known[name][1], known[name][1])

    def check(self, keeper, known):
        # The last acknowledged or the one that was under way: no other has ever been true.
        for name in ("total1", "total2"):
            kept = self._kept(keeper, name)
            problem = kept.load()
            allowed = known.get(name, ((0, 0), (0, 0)))
            assert problem is None or (problem == 0 and allowed[0] == (0, 0)), (name, problem)
            assert _count(kept.total) in allowed, (name, _count(kept.total), allowed)


def _count(total):
    return total.forward, total.reverse


class Log:
    """Events, committed after every second one. trial: in the first half of a life the slot is
    not confirmed, so that the old format is written, which knows sixteen events and no times."""

    OLD = 16

    def __init__(self, events, trial=False):
        self._events = events
        self._confirmed = events // 2 if trial else 0

    def live(self, keeper, known):
        kept = KeptEvents(Events(), keeper, "events", OWNER)
        kept.load()
        log = kept.events
        known["acknowledged"] = known["true"] = log.count
        for n in range(self._events):
            if n >= self._confirmed:
                kept.upgrade()
            log.add(TASK_ENDED, log.count, log.count, 0, log.count)
            known["true"] += 1
            if log.count % 2 == 0:
                kept.commit(log.count)
                known["acknowledged"] = log.count

    def check(self, keeper, known):
        kept = KeptEvents(Events(), keeper, "events", OWNER)
        problem = kept.load()
        log = kept.events
        acknowledged = known.get("acknowledged", 0)
        assert problem is None or (problem == 0 and not acknowledged), problem
        assert acknowledged <= log.count <= known.get("true", 0), log.count
        assert kept.alive_s in (0, log.count), kept.alive_s
        for back in range(min(log.count, CAPACITY)):
            n = log.count - 1 - back
            found = log.newest(back)
            if found is None:
                assert back >= self.OLD, n
                continue
            code, detail, sequence, time_s, value, since_s = found
            assert (code, detail, sequence) == (TASK_ENDED, n & 0xFF, n & 0xFFFF), n
            assert time_s in (0, n) and (value, since_s) == (0, n), n


class Freezes:
    """Hourly freezes of two points, all in the first record of each: after thirty of them the
    clock jumps on by a whole round of places."""

    ROUND, PLACES = 30, 270

    def __init__(self, freezes):
        self._freezes = freezes

    def live(self, keeper, known):
        # known["hours"]: how many of each point were acknowledged; known["put"]: and begun.
        history = History(keeper)
        hours = known.setdefault("hours", [0, 0])
        put = known.setdefault("put", [0, 0])  # one that was cut may be durable all the same
        for k in range(self._freezes):
            point = k % 2
            n = hours[point] + 1
            put[point] = max(put[point], n)
            hour, entry = self._freeze(n)
            history.put(point, OWNER, HOURLY, hour, entry)
            hours[point] = n

    def check(self, keeper, known):
        history = History(keeper)
        for point in range(2):
            acknowledged = known["hours"][point] if known else 0
            put = known["put"][point] if known else 0
            for n in range(1, put + 3):
                hour, entry = self._freeze(n)
                found = history.get(point, OWNER, HOURLY, hour, entry[0])
                assert found in (None, entry), (point, n, found)
                # Missed are those to come and those whose place was needed again.
                assert found or n > acknowledged or n <= put - self.ROUND, (point, n)
                assert not found or n <= put, (point, n)
                assert not found or n > acknowledged - self.ROUND, (point, n)

    def _freeze(self, n):
        hour = n // self.ROUND * self.PLACES + n % self.ROUND
        return hour, (hour * 3600, n * 12345, 0, -2, 0)


class Asked:
    """Freezes that somebody asked for: only their order counts, and no clock."""

    def __init__(self, freezes):
        self._freezes = freezes

    def live(self, keeper, known):
        history = History(keeper)
        last = history.newest(1, OWNER, INSTANT, 1)
        known["acknowledged"] = known["true"] = last[1] if last else 0
        for _ in range(self._freezes):
            n = known["true"] = known["acknowledged"] + 1
            history.put(1, OWNER, INSTANT, None, self._entry(n))
            known["acknowledged"] = n

    def check(self, keeper, known):
        history = History(keeper)
        last = history.newest(1, OWNER, INSTANT, 1)
        n = last[1] if last else 0
        assert n in (known.get("acknowledged", 0), known.get("true", 0)), n
        for back in range(1, KEPT[INSTANT] + 1):
            expected = self._entry(n + 1 - back) if back <= n else None
            assert history.newest(1, OWNER, INSTANT, back) == expected, (n, back)

    def _entry(self, n):
        return 5000 - n, n, 0, -2, 0


class Dials:
    """Presets of one dial."""

    def __init__(self, presets):
        self._presets = presets

    def live(self, keeper, known):
        presets = Presets(keeper, OWNER)
        presets.load()
        known["acknowledged"] = known["true"] = presets.count
        for _ in range(self._presets):
            n = presets.count
            known["true"] = n + 1
            presets.add(1, CORRECTED, n, n, n + 1)
            known["acknowledged"] = n + 1

    def check(self, keeper, known):
        presets = Presets(keeper, OWNER)
        problem = presets.load()
        acknowledged = known.get("acknowledged", 0)
        assert problem is None or (problem == 0 and not acknowledged), problem
        assert presets.count in (acknowledged, known.get("true", 0)), presets.count
        last = presets.count - 1
        expected = (1, CORRECTED, 0, last, last, last + 1) if presets.count else None
        assert presets.newest(0) == expected, presets.newest(0)


class Settings:
    """What is written from outside: told in the list of writes first, then in force. All of a step
    (password, key with its counters, address) stands in one commit, so either all or nothing."""

    def __init__(self, changes):
        self._changes = changes

    def _loaded(self, keeper):
        parameters, writes = Parameters(keeper, OWNER), Writes(keeper, OWNER)
        return parameters, writes, (parameters.load(), writes.load())

    def live(self, keeper, known):
        parameters, writes, _ = self._loaded(keeper)
        known["acknowledged"] = known["true"] = self._number(parameters)
        for _ in range(self._changes):
            n = self._number(parameters) + 1
            writes.append(1 + n % 3, n, 4, 0, n, n, n - 1, n)
            known["told"] = n
            known["true"] = n
            if n % 3 == 0:
                parameters.set_key(bytes((n,)) * 16)
            elif n % 3 == 1:
                parameters.set_address(b"theirs", bytes((n,)) * 6)
            else:
                parameters.set_guard(n, 1, n)
            known["acknowledged"] = n

    def _number(self, parameters):
        # Of the last change in force.
        key, (wrong, _, _) = parameters.key, parameters.guard
        address = parameters.address(b"theirs")
        return max(key[0] if key else 0, wrong, 0 if address == b"theirs" else address[0])

    def check(self, keeper, known):
        parameters, writes, problems = self._loaded(keeper)
        acknowledged = known.get("acknowledged", 0)
        n = self._number(parameters)
        assert n in (acknowledged, known.get("true", 0)), n
        assert problems[0] is None or (problems[0] == 0 and not n), problems
        key, address = parameters.key, parameters.address(b"theirs")
        assert key in (None, bytes((n - n % 3,)) * 16), key
        assert address == b"theirs" or address == address[:1] * 6, address
        assert not key or parameters.ceiling == 0
        # Nothing is in force that was not told.
        last = writes.newest(0)
        assert (last[1] if last else 0) >= n, last
        if last:
            k = last[1]
            assert last == (1 + k % 3, k, 4, 0, k, k, k - 1, k), last


class Fetched:
    """Events that a reader fetches one by one and acknowledges, and the status word, which it
    takes back after every third. The events' record is committed first, as the app does it."""

    def __init__(self, events):
        self._events = events

    def _kept(self, keeper):
        log = KeptEvents(Events(), keeper, "events", OWNER)
        log.load()
        log.upgrade()
        kept = KeptReports(log.events, bytes((TASK_ENDED, 255, 17)), keeper, OWNER)
        return log, kept, kept.load()

    def live(self, keeper, known):
        # known: events that the reader has (fetched) and was told to have acknowledged (settled),
        # those taken back from the status word (word), and that were about to be (doubt).
        log, kept, _ = self._kept(keeper)
        kept.judge()
        for key in ("fetched", "settled", "word", "doubt"):
            known.setdefault(key, 0)
        for n in range(self._events):
            log.events.add(TASK_ENDED, log.events.count, 0, 0, 0)
            log.commit(0)
            kept.judge()
            kept.commit()
            if n % 3 == 2:
                self._take_back(kept, known)
            while n % 2 and self._fetch(kept, known):
                pass

    def _fetch(self, kept, known):
        found = kept.oldest()
        if not found:
            return False
        number, event = found
        assert event[2] == number, "another event under that number"
        assert number in (known["fetched"], known["fetched"] - 1), (number, "left out or again")
        known["fetched"] = number + 1
        assert kept.acknowledge(number)
        known["settled"] = number + 1
        return True

    def _take_back(self, kept, known):
        out = bytearray(13)
        told = out[12] if kept.tell(out, 0) > 12 else 0
        known["doubt"] = told
        kept.clear(bytes(12), 0)
        known["word"] += told
        known["doubt"] = 0

    def check(self, keeper, known):
        log, kept, problem = self._kept(keeper)
        assert problem in (None, 0), problem
        kept.judge()
        if not known:
            return
        count = log.events.count
        assert kept.lost == 0, kept.lost
        assert known["settled"] <= count - kept.waiting <= known["fetched"], kept.waiting
        out = bytearray(13)
        told = out[12] if kept.tell(out, 0) > 12 else 0
        taken = count - told
        assert taken in (known["word"], known["word"] + known["doubt"]), (count, told, known)
        # What was in doubt is none for the next life.
        known["word"], known["doubt"] = taken, 0


class Listed:
    """The archive of pass-through, changed again and again."""

    OWN = b"\x10ourown1"

    def __init__(self, changes):
        self._changes = changes

    def _kept(self, keeper):
        kept = Archive(keeper, OWNER, self.OWN)
        kept.load()
        return kept

    def live(self, keeper, known):
        kept = self._kept(keeper)
        for n in range(self._changes):
            row = bytes((0x20, n & 3)) + b"meters"
            gone = b"".join([r for r in _rows(kept.rows) if r[1:] != row[1:]])
            known["before"] = kept.rows
            if n % 7 == 6:
                known["after"] = b""
                kept.clear()
            elif n % 3 == 2:
                known["after"] = gone
                kept.delete(row)
            else:
                known["after"] = gone + row
                kept.add(row)
            known["before"] = known["after"]

    def check(self, keeper, known):
        rows = self._kept(keeper).rows
        allowed = known.get("before", self.OWN), known.get("after", self.OWN)
        assert rows in allowed, (rows, allowed)


def _rows(rows):
    return [rows[at : at + 8] for at in range(0, len(rows), 8)]


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
