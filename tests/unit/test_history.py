import unittest

from converter.model.freezes import DAY, HOUR, INSTANT, MONTH, TIMED, UNKNOWN, YEAR
from converter.store.history import KEPT, SIZE, History
from converter.store.record import Record
from memory_keeper import MemoryKeeper

OURS, THEIRS = b"ours", b"them"
SPAN_S = {HOUR: 3600, DAY: 86400, MONTH: 2600000, YEAR: 31600000}
LAST = {HOUR: 876000, DAY: 36500, MONTH: 1200, YEAR: 99}  # of the century
KINDS = (HOUR, DAY, MONTH, YEAR)


def moment(kind, number):
    return number * SPAN_S[kind]


def entry(kind, number, value=None):
    value = 1000 * number + kind if value is None else value
    return moment(kind, number), value, number & 0x7FF, -3, UNKNOWN | 8


class Places(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        self.history = History(self.keeper)

    def put(self, kind, number, point=1, owner=OURS, value=None):
        self.history.put(point, owner, kind, number, entry(kind, number, value))

    def get(self, kind, number, point=1, owner=OURS):
        return self.history.get(point, owner, kind, number, moment(kind, number))

    def test_nothing_there(self):
        for kind in KINDS:
            for number in (0, 1, 26, 1000):
                self.assertIsNone(self.get(kind, number))
        self.assertEqual(self.keeper.files, {})

    def test_as_many_as_can_be_asked_for(self):
        for kind in KINDS:
            for end in (3 * KEPT[kind] + 7, LAST[kind] // 2, LAST[kind]):
                start = end - 3 * KEPT[kind] - 6
                for number in range(start, end):
                    self.put(kind, number)
                for number in range(end - KEPT[kind], end):
                    self.assertEqual(self.get(kind, number), entry(kind, number), (kind, number))
                self.assertIsNone(self.get(kind, end))
        for name in self.keeper.files:
            self.assertEqual(len(self.keeper.files[name]), SIZE)

    def test_records_are_bounded(self):
        for kind in KINDS:
            for number in range(1, min(LAST[kind], 1000)):
                self.put(kind, number)
        self.assertTrue(SIZE <= 512)
        self.assertTrue(len(self.keeper.files) <= 20, len(self.keeper.files))

    def test_missed_ones_are_not_invented(self):
        for kind in KINDS:
            kept = KEPT[kind]
            for number in range(100, 100 + kept):
                self.put(kind, number)
            # Down for a whole round and more: every place holds a time of long ago.
            for number in range(100 + 3 * kept, 100 + 4 * kept, 2):
                self.put(kind, number)
            for number in range(100 + 3 * kept, 100 + 4 * kept):
                expected = None if number % 2 != (100 + 3 * kept) % 2 else entry(kind, number)
                self.assertEqual(self.get(kind, number), expected)

    def test_the_second_0_is_no_moment(self):
        for kind in KINDS:
            self.put(kind, 1)
            self.assertIsNone(self.get(kind, 0))

    def test_kinds_and_points_do_not_meet(self):
        for point in (1, 2, 12):
            for kind in KINDS:
                self.put(kind, 40, point, value=100 * point + kind)
        for point in (1, 2, 12):
            for kind in KINDS:
                self.assertEqual(self.get(kind, 40, point)[1], 100 * point + kind)
        self.assertEqual(len(self.keeper.files), 12)

    def test_values(self):
        for value in (0, -1, 2**40, 2**63 - 1, -(2**63)):
            self.put(DAY, 50, value=value)
            self.assertEqual(self.get(DAY, 50)[1], value)

    def test_a_record_is_read_once_for_many_freezes(self):
        for number in range(60, 66):
            self.put(DAY, number)
        loads = []
        load = self.keeper.load
        self.keeper.load = lambda name: loads.append(name) or load(name)
        for number in range(60, 66):
            self.assertEqual(self.get(DAY, number), entry(DAY, number))
        self.assertEqual(len(loads), 1)
        # What is written between is seen, and what could not be written is not.
        self.put(DAY, 61, value=5)
        self.assertEqual(self.get(DAY, 61)[1], 5)
        self.keeper.fails = "before"
        with self.assertRaises(OSError):
            self.put(DAY, 61, value=6)
        self.assertEqual(self.get(DAY, 61)[1], 5)

    def test_frozen_again_the_later_one_stays(self):
        self.put(HOUR, 50, value=1)
        self.put(HOUR, 50, value=2)
        self.assertEqual(self.get(HOUR, 50)[1], 2)

    def test_whichever_stands_there(self):
        self.put(MONTH, 40, value=5)
        self.assertEqual(self.history.get(1, OURS, MONTH, 40, None), entry(MONTH, 40, 5))
        self.assertEqual(self.history.get(1, OURS, MONTH, 70, None), entry(MONTH, 40, 5))
        self.assertIsNone(self.history.get(1, OURS, MONTH, 41, None))


class Counted(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()

    def put(self, k, kind=INSTANT, owner=OURS):
        History(self.keeper).put(1, owner, kind, None, (1000 + k, k, 0, -2, 0))

    def times(self, kind=INSTANT, owner=OURS, most=40):
        history = History(self.keeper)
        found = [history.newest(1, owner, kind, back) for back in range(1, most)]
        return [each[0] - 1000 for each in found if each]

    def test_in_the_order_in_which_they_came(self):
        # Whatever the clock said: it may have been set back between.
        self.assertEqual(self.times(), [])
        came = [50, 20, 20, 90] + list(range(100, 170))
        seen = []
        for k in came:
            self.put(k)
            if [k] != seen[:1]:  # one second, one value: one freeze
                seen.insert(0, k)
            self.assertEqual(self.times(), seen[: KEPT[INSTANT]])
        self.assertIsNone(History(self.keeper).newest(1, OURS, INSTANT, 0))
        self.assertEqual(self.times(TIMED), [])

    def test_a_commit_that_was_durable_after_all_is_one_freeze(self):
        for k in range(3):
            self.keeper.fails = "after"
            with self.assertRaises(OSError):
                self.put(k, TIMED)
            self.keeper.fails = None
            self.put(k, TIMED)
        self.assertEqual(self.times(TIMED), [2, 1, 0])

    def test_a_minute_is_frozen_once(self):
        for value in (1, 2):
            entry = 1000, value, 0, -2, 0
            for kind in (INSTANT, TIMED):
                History(self.keeper).put(1, OURS, kind, None, entry)
        self.assertEqual((self.times(TIMED), self.times(INSTANT)), ([0], [0, 0]))
        self.assertEqual(History(self.keeper).newest(1, OURS, TIMED, 1)[1], 1)

    def test_another_meter_begins_anew(self):
        self.put(1)
        self.assertEqual(self.times(owner=THEIRS), [])
        self.put(2, owner=THEIRS)
        self.assertEqual(self.times(owner=THEIRS), [2])
        self.assertEqual(self.times(), [])


class Records(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        self.history = History(self.keeper)
        for number in range(60, 63):
            self.history.put(1, OURS, DAY, number, entry(DAY, number))
        self.names = sorted(self.keeper.files)

    def get(self, number, owner=OURS, kind=DAY):
        return History(self.keeper).get(1, owner, kind, number, moment(kind, number))

    def test_another_meter_begins_anew(self):
        self.assertIsNone(self.get(61, THEIRS))
        self.history.put(1, THEIRS, DAY, 63, entry(DAY, 63))
        self.assertIsNone(self.get(61))
        self.assertIsNone(self.get(61, THEIRS))
        self.assertEqual(self.get(63, THEIRS), entry(DAY, 63))

    def test_nothing_of_the_record_read_before_is_left_over(self):
        # One buffer serves all: a record that is not there is blank.
        self.history.get(1, OURS, DAY, 61, moment(DAY, 61))
        self.history.put(2, OURS, DAY, 62, entry(DAY, 62))
        self.assertIsNone(self.history.get(2, OURS, DAY, 61, moment(DAY, 61)))
        self.assertEqual(self.history.get(2, OURS, DAY, 62, moment(DAY, 62)), entry(DAY, 62))

    def test_a_newer_firmwares_record_is_not_written_over(self):
        for name in self.names:
            Record(self.keeper, name, ((3, 30),), OURS).commit()
        before = dict(self.keeper.files)
        self.assertIsNone(self.get(61))
        with self.assertRaises(OSError):
            self.history.put(1, OURS, DAY, 62, entry(DAY, 62))
        self.assertEqual(self.keeper.files, before)

    def test_a_keeper_that_does_not_answer_costs_no_freezes(self):
        self.keeper.silent = True
        with self.assertRaises(OSError):
            self.get(61)
        load, self.keeper.silent = self.keeper.load, False

        def fails_once(name):
            self.keeper.load = load
            raise OSError(5)

        self.keeper.load = fails_once
        with self.assertRaises(OSError):
            self.history.put(1, OURS, DAY, 63, entry(DAY, 63))
        self.history.put(1, OURS, DAY, 63, entry(DAY, 63))
        for number in range(60, 64):
            self.assertEqual(self.get(number), entry(DAY, number))

    def test_a_spoilt_record_is_missed_freezes(self):
        for name in self.names:
            self.keeper.files[name] = self.keeper.files[name][:100]
        self.assertIsNone(self.get(61))
        self.history.put(1, OURS, DAY, 63, entry(DAY, 63))
        self.assertEqual(self.get(63), entry(DAY, 63))

    def test_a_failing_commit_is_heard(self):
        self.keeper.fails = "before"
        with self.assertRaises(OSError):
            self.history.put(1, OURS, DAY, 62, entry(DAY, 62, 5))
        self.assertEqual(self.get(62), entry(DAY, 62))
