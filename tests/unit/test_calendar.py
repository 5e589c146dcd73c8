import unittest

from converter.model import calendar

DAY = 86400


class Calendar(unittest.TestCase):
    def test_known_times(self):
        for fields, seconds, weekday in (
            ((2000, 1, 1, 0, 0, 0), 0, 6),
            ((2000, 2, 29, 23, 59, 59), 60 * DAY - 1, 2),
            ((2000, 3, 1, 0, 0, 0), 60 * DAY, 3),
            ((2001, 1, 1, 0, 0, 0), 366 * DAY, 1),
            ((2024, 2, 29, 12, 34, 56), 762525296, 4),
            ((2026, 3, 1, 10, 20, 30), 825675630, 0),
            # The last second of a signed 31-bit number, and the next.
            ((2034, 1, 9, 13, 37, 3), 2**30 - 1, 1),
            ((2034, 1, 9, 13, 37, 4), 2**30, 1),
            ((2099, 12, 31, 23, 59, 59), 3155759999, 4),
        ):
            self.assertEqual(calendar.to_seconds(*fields), seconds, fields)
            self.assertEqual(calendar.from_seconds(seconds), fields)
            self.assertEqual(calendar.weekday(seconds), weekday, fields)

    def test_every_day_of_the_century(self):
        # Counted by hand, day after day, with nothing of the formulas.
        year, month, day, weekday = 2000, 1, 1, 6
        for n in range(36525):
            s = n * DAY + 45296
            self.assertEqual(calendar.from_seconds(s), (year, month, day, 12, 34, 56))
            self.assertEqual(calendar.to_seconds(year, month, day, 12, 34, 56), s)
            self.assertEqual(calendar.weekday(s), weekday)
            weekday = 0 if weekday == 6 else weekday + 1
            day += 1
            if (
                day
                > (31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[
                    month - 1
                ]
            ):
                day = 1
                month += 1
                if month > 12:
                    month = 1
                    year += 1
        self.assertEqual((year, month, day), (2100, 1, 1))
        self.assertEqual(n * DAY + DAY, calendar.END_S)

    def test_every_second_of_two_days(self):
        for s in range(365 * DAY, 367 * DAY, 7):
            self.assertEqual(calendar.to_seconds(*calendar.from_seconds(s)), s)

    def test_what_is_no_time(self):
        for fields in (
            (1999, 12, 31, 23, 59, 59),
            (2100, 1, 1, 0, 0, 0),
            (2025, 0, 1, 0, 0, 0),
            (2025, 13, 1, 0, 0, 0),
            (2025, 1, 0, 0, 0, 0),
            (2025, 1, 32, 0, 0, 0),
            (2025, 2, 29, 0, 0, 0),
            (2024, 2, 30, 0, 0, 0),
            (2025, 4, 31, 0, 0, 0),
            (2025, 1, 1, 24, 0, 0),
            (2025, 1, 1, -1, 0, 0),
            (2025, 1, 1, 0, 60, 0),
            (2025, 1, 1, 0, 0, 60),
        ):
            self.assertIsNone(calendar.to_seconds(*fields), fields)
        for seconds in (-1, calendar.END_S):
            self.assertIsNone(calendar.from_seconds(seconds))
