import unittest

from converter.model import calendar, freezes
from converter.model.freezes import ANY, DAY, HOUR, MONTH, YEAR

FIRST = 1, 0, 1  # of each month and year at midnight


def at(year, month, day, hour=0, minute=0, second=0):
    return calendar.to_seconds(year, month, day, hour, minute, second)


class Due(unittest.TestCase):
    def kinds(self, moment, settlement):
        return [kind for kind, _ in freezes.due(moment, settlement)]

    def test_of_each_hour(self):
        settlement = 25, 8, 12
        self.assertEqual(self.kinds(at(2026, 3, 1, 7), settlement), [HOUR])
        self.assertEqual(self.kinds(at(2026, 3, 1), settlement), [HOUR, DAY])
        self.assertEqual(self.kinds(at(2026, 3, 25), settlement), [HOUR, DAY])
        self.assertEqual(self.kinds(at(2026, 3, 25, 8), settlement), [HOUR, MONTH])
        self.assertEqual(self.kinds(at(2026, 12, 25, 8), settlement), [HOUR, MONTH, YEAR])
        self.assertEqual(self.kinds(at(2026, 1, 1), FIRST), [HOUR, DAY, MONTH, YEAR])
        self.assertEqual(self.kinds(at(2026, 2, 1), FIRST), [HOUR, DAY, MONTH])

    def test_how_many_in_fourteen_months(self):
        # Each once, and with the next number.
        found = [0] * 4
        last = [None] * 4
        for moment in range(at(2024, 1, 1), at(2025, 3, 1), 3600):
            for kind, number in freezes.due(moment, (28, 23, 2)):
                found[kind] += 1
                self.assertTrue(last[kind] in (None, number - 1))
                last[kind] = number
        self.assertEqual(found, [24 * 425, 425, 14, 2])

    def test_a_leap_day_is_a_day(self):
        days = at(2024, 2, 28), at(2024, 2, 29), at(2024, 3, 1)
        numbers = [dict(freezes.due(day, FIRST))[DAY] for day in days]
        self.assertEqual([n - numbers[0] for n in numbers], [0, 1, 2])

    def test_patterns(self):
        moment = at(2026, 3, 25, 8, 30)
        for pattern in ((25, 8, 30), (ANY, 8, 30), (ANY, ANY, 30)):
            self.assertTrue(freezes.meets(moment, pattern))
        for pattern in ((24, 8, 30), (ANY, 9, 30), (ANY, ANY, 31), (25, 8, 0)):
            self.assertFalse(freezes.meets(moment, pattern))


class Past(unittest.TestCase):
    def moments(self, kind, now, settlement, most=3):
        found = [freezes.past(kind, back, now, settlement) for back in range(1, most + 1)]
        return [moment for _, moment in found]

    def test_hours_and_days(self):
        now = at(2024, 3, 1, 0, 59, 59)
        self.assertEqual(
            self.moments(HOUR, now, FIRST),
            [at(2024, 3, 1), at(2024, 2, 29, 23), at(2024, 2, 29, 22)],
        )
        self.assertEqual(
            self.moments(DAY, now, FIRST), [at(2024, 3, 1), at(2024, 2, 29), at(2024, 2, 28)]
        )
        self.assertEqual(self.moments(HOUR, at(2024, 3, 1), FIRST, 1), [at(2024, 3, 1)])
        self.assertEqual(self.moments(HOUR, at(2024, 3, 1) - 1, FIRST, 1), [at(2024, 2, 29, 23)])

    def test_a_settlement_day_that_is_still_to_come(self):
        settlement = 25, 8, 3
        for now, newest in (
            (at(2026, 3, 25, 8), (2026, 3)),
            (at(2026, 3, 25, 8) - 1, (2026, 2)),
            (at(2026, 3, 26), (2026, 3)),
            (at(2026, 3, 1), (2026, 2)),
            (at(2026, 1, 24), (2025, 12)),
        ):
            year, month = newest
            self.assertEqual(self.moments(MONTH, now, settlement, 1), [at(year, month, 25, 8)])
        self.assertEqual(
            self.moments(MONTH, at(2026, 2, 24), settlement),
            [at(2026, 1, 25, 8), at(2025, 12, 25, 8), at(2025, 11, 25, 8)],
        )
        self.assertEqual(
            self.moments(YEAR, at(2026, 3, 25, 8), settlement, 2),
            [at(2026, 3, 25, 8), at(2025, 3, 25, 8)],
        )
        self.assertEqual(
            self.moments(YEAR, at(2026, 3, 25, 8) - 1, settlement, 1), [at(2025, 3, 25, 8)]
        )

    def test_fifteen_months_over_two_leap_years(self):
        now = at(2025, 1, 31, 12)
        expected = []
        year, month = 2025, 1
        for _ in range(15):
            expected.append(at(year, month, 28, 23))
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        self.assertEqual(self.moments(MONTH, now, (28, 23, 2), 15), expected)
        self.assertEqual(self.moments(YEAR, now, (28, 23, 2), 1), [at(2024, 2, 28, 23)])

    def test_before_2000(self):
        self.assertEqual(self.moments(HOUR, 7300, FIRST), [7200, 3600, 0])
        self.assertEqual(freezes.past(HOUR, 4, 7300, FIRST)[1], None)
        self.assertEqual(freezes.past(DAY, 2, 7300, FIRST)[1], None)
        self.assertEqual(freezes.past(MONTH, 1, 7300, (2, 0, 1))[1], None)
        self.assertEqual(freezes.past(YEAR, 1, 7300, (2, 0, 1))[1], None)
        self.assertEqual(freezes.past(YEAR, 1, 7300, FIRST)[1], 0)

    def test_past_and_due_agree(self):
        # What was due at each hour is found afterwards, under the number that it was kept under.
        for settlement in (FIRST, (28, 23, 2), (15, 12, 7)):
            seen = {kind: [] for kind in (HOUR, DAY, MONTH, YEAR)}
            for moment in range(at(2023, 11, 1), at(2024, 4, 1), 3600):
                for kind, number in freezes.due(moment, settlement):
                    seen[kind].insert(0, (number, moment))
                if moment % 18000 and moment % 86400:
                    continue
                for kind in seen:
                    del seen[kind][3:]
                    for now in (moment, moment + 3599):
                        found = [
                            freezes.past(kind, 1 + n, now, settlement)
                            for n in range(len(seen[kind]))
                        ]
                        self.assertEqual(found, seen[kind], (kind, moment))
