"""What was told, in campaigns (cutting.py): dials, parameters, reports."""

from converter.model.events import TASK_ENDED, Events
from converter.store.archive import Archive
from converter.store.events import KeptEvents
from converter.store.exchanged import Exchanged
from converter.store.parameters import Parameters
from converter.store.presets import CORRECTED, EXCHANGED, Presets
from converter.store.reports import KeptReports
from converter.store.told import Told
from converter.store.writes import Writes

OWNER = b"mine"
_CONFIGURED = bytes(range(7))


def _numbered(n, size):
    # A number's two bytes, repeated: a chip's many lives count beyond one.
    return (bytes((n >> 8, n & 0xFF)) * size)[:size]


def _number_of(data):
    return data[0] << 8 | data[1]


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


class Exchanges:
    """Meters that were exchanged: told in the list of presets first, then in force. A cut between
    leaves one told that did not happen, never the reverse."""

    def __init__(self, exchanges):
        self._exchanges = exchanges

    def live(self, keeper, known):
        presets, found = Presets(keeper, OWNER), Exchanged(keeper, OWNER)
        presets.load(), found.load()
        known["kept"], known["true"] = self._newest(found), presets.count
        for _ in range(self._exchanges):
            n = known["true"] = presets.count + 1
            presets.append(n % 3, EXCHANGED, 0, n, n, n)
            found.put(n % 3, _CONFIGURED, _numbered(n, 7))
            known["kept"] = n

    def check(self, keeper, known):
        presets, found = Presets(keeper, OWNER), Exchanged(keeper, OWNER)
        presets.load(), found.load()
        kept, true = known.get("kept", 0), known.get("true", 0)
        assert kept <= presets.count <= true, (kept, presets.count, true)
        newest = self._newest(found)
        assert newest in (kept, true), (newest, kept, true)
        assert newest <= presets.count, (newest, presets.count)

    def _newest(self, found):
        addresses = [found.address(point, _CONFIGURED) or bytes(7) for point in range(3)]
        numbers = [_number_of(address) for address in addresses]
        assert addresses == [_numbered(number, 7) for number in numbers], addresses
        return max(numbers)


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
            writes.append(1 + n % 3, n & 0xFF, 4, 0, n, n, n - 1, n)
            known["told"] = n
            known["true"] = n
            if n % 3 == 0:
                parameters.set_key(_numbered(n, 16))
            elif n % 3 == 1:
                parameters.set_address(b"theirs", _numbered(n, 6))
            else:
                parameters.set_guard(n & 0xFF, 1, n)
            known["acknowledged"] = n

    def _number(self, parameters):
        # Of the last change in force.
        key, (_, _, wrong) = parameters.key, parameters.guard
        address = parameters.address(b"theirs")
        of_address = 0 if address == b"theirs" else _number_of(address)
        return max(_number_of(key) if key else 0, wrong, of_address)

    def check(self, keeper, known):
        parameters, writes, problems = self._loaded(keeper)
        acknowledged = known.get("acknowledged", 0)
        n = self._number(parameters)
        assert n in (acknowledged, known.get("true", 0)), n
        assert problems[0] is None or (problems[0] == 0 and not n), problems
        key, address = parameters.key, parameters.address(b"theirs")
        assert key in (None, _numbered(n - n % 3, 16)), key
        assert address in (b"theirs", _numbered(_number_of(address), 6)), address
        assert not key or parameters.ceiling == 0
        # Nothing is in force that was not told.
        last = writes.newest(0)
        assert (last[7] if last else 0) >= n, last
        if last:
            k = last[7]
            assert last == (1 + k % 3, k & 0xFF, 4, 0, k, k, k - 1, k), last


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
        found = Told(kept).oldest()
        if not found:
            return False
        number, event = found
        assert event[2] == number, "another event under that number"
        assert number in (known["fetched"], known["fetched"] - 1), (number, "left out or again")
        known["fetched"] = number + 1
        assert Told(kept).acknowledge(number)
        known["settled"] = number + 1
        return True

    def _take_back(self, kept, known):
        out = bytearray(13)
        told = out[12] if Told(kept).tell(out, 0) > 12 else 0
        known["doubt"] = told
        Told(kept).clear(bytes(12), 0)
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
        waiting = Told(kept).waiting
        assert known["settled"] <= count - waiting <= known["fetched"], waiting
        out = bytearray(13)
        told = out[12] if Told(kept).tell(out, 0) > 12 else 0
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
