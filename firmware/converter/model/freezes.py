"""Which freezes are due at a moment, and when one of the past was.

A freeze has a number within its kind: the hour, day, month or year since 2000. Those that somebody
asks for (16H) come when they come: they are counted only.
"""

from micropython import const

from converter.model import calendar

HOUR = const(0)
DAY = const(1)
MONTH = const(2)
YEAR = const(3)
INSTANT = const(4)
TIMED = const(5)

ANY = const(0x99)  # in a pattern

UNKNOWN = const(0x80)  # in an entry's status, beside the bits of model.point: there was no value
UNIT_AT = const(13)  # in an entry's alarms: above them stands the base unit, 0 where not kept

_HOUR_S = const(3600)
_DAY_S = const(86400)


def due(moment_s, settlement):
    # [(kind, number)] of a full hour. settlement: (day 1..28, hour, month of the yearly one).
    year, month, day, hour, _, _ = calendar.from_seconds(moment_s)
    found = [(HOUR, moment_s // _HOUR_S)]
    if hour == 0:
        found.append((DAY, moment_s // _DAY_S))
    if (day, hour) == settlement[:2]:
        found.append((MONTH, (year - 2000) * 12 + month - 1))
        if month == settlement[2]:
            found.append((YEAR, year - 2000))
    return found


def past(kind, back, now_s, settlement):
    # (number, moment) of the back-th freeze before now; 1 is the newest. The moment is None when
    # that was before 2000.
    if kind == HOUR:
        number = now_s // _HOUR_S - back + 1
        return number, number * _HOUR_S if number >= 0 else None
    if kind == DAY:
        number = now_s // _DAY_S - back + 1
        return number, number * _DAY_S if number >= 0 else None
    number = number_of(kind, now_s)
    if _moment(kind, number, settlement) > now_s:
        number -= 1  # this month's or year's is still to come
    number -= back - 1
    return number, _moment(kind, number, settlement) if number >= 0 else None


def number_of(kind, moment_s):
    # The month or year that a moment lies in.
    year, month, _, _, _, _ = calendar.from_seconds(moment_s)
    return (year - 2000) * 12 + month - 1 if kind == MONTH else year - 2000


def meets(moment_s, pattern):
    # Whether a full minute is one of a pattern's: (day, hour, minute), ANY from the left on.
    _, _, day, hour, minute, _ = calendar.from_seconds(moment_s)
    return pattern[2] == minute and pattern[1] in (ANY, hour) and pattern[0] in (ANY, day)


def _moment(kind, number, settlement):
    day, hour, month = settlement
    if kind == MONTH:
        return calendar.to_seconds(2000 + number // 12, number % 12 + 1, day, hour, 0, 0)
    return calendar.to_seconds(2000 + number, month, day, hour, 0, 0)
