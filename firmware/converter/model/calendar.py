"""Civil time as seconds since 2000-01-01 00:00:00, for 2000..2099; no zones, no leap seconds.

The number passes 2**30 in 2034: for tasks only, never in an interrupt.
"""

from micropython import const

END_S = const(3155760000)  # 2100-01-01 00:00:00, the first second that is none of ours

_DAY_S = const(86400)
_MONTHS = b"\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


def days_in(year, month):
    # Within these years every fourth one is a leap year, 2000 too.
    return 29 if month == 2 and year % 4 == 0 else _MONTHS[month - 1]


def to_seconds(year, month, day, hour, minute, second):
    # None when there is no such time.
    if not (2000 <= year <= 2099 and 1 <= month <= 12 and 1 <= day <= days_in(year, month)):
        return None
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return None
    y = year - 2000
    days = y * 365 + (y + 3) // 4 + day - 1
    for m in range(1, month):
        days += days_in(year, m)
    return days * _DAY_S + hour * 3600 + minute * 60 + second


def from_seconds(seconds):
    # (year, month, day, hour, minute, second), or None outside 2000..2099.
    if not 0 <= seconds < END_S:
        return None
    day = seconds // _DAY_S
    s = seconds % _DAY_S
    # Four years have 1461 days, and the first of them is the leap year.
    y = day * 4 // 1461
    day -= y * 365 + (y + 3) // 4
    year = 2000 + y
    month = 1
    while day >= days_in(year, month):
        day -= days_in(year, month)
        month += 1
    return year, month, day + 1, s // 3600, s // 60 % 60, s % 60


def weekday(seconds):
    # 0 is Sunday, as DL/T 645 counts; the first day of 2000 was a Saturday.
    return (seconds // _DAY_S + 6) % 7
