"""What was counted, in campaigns (cutting.py): totals, events, freezes."""

from converter.model.events import CAPACITY, TASK_ENDED, Events
from converter.model.freezes import INSTANT
from converter.model.total import Total
from converter.store.events import KeptEvents
from converter.store.history import KEPT, History
from converter.store.totals import KeptTotal

OWNER = b"mine"
HOURLY = 0


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
