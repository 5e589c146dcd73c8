"""Dates of EN 13757-3 annex A, told by their length: G (2 bytes), J (3), F (4), I (6)."""

from micropython import const

EVERY = const(-1)  # "each", or not said


def fields(buf, at, n, msb_first=False):
    # (year, month, day, hour, minute, second), EVERY for what is open; None for what is invalid.
    # Type G has no time and J no date: those are EVERY as well.
    step = -1 if msb_first else 1
    if msb_first:
        at += n - 1
    year = month = day = hour = minute = second = EVERY
    if n == 6:
        second = _open(buf[at] & 0x3F, 63)
        at += step
    if n == 3:
        if buf[at] & buf[at + step] & buf[at + 2 * step] == 0xFF:
            return None
        second = _open(buf[at] & 0x3F, 63)
        minute = _open(buf[at + step] & 0x3F, 63)
        hour = _open(buf[at + 2 * step] & 0x1F, 31)
    elif n != 2:
        if buf[at] & 0x80:  # IV
            return None
        minute = _open(buf[at] & 0x3F, 63)
        hour = _open(buf[at + step] & 0x1F, 31)
        century = buf[at + step] >> 5 & 3 if n == 4 else 1
        at += 2 * step
    if n != 3:
        low = buf[at]
        high = buf[at + step]
        day = _open(low & 0x1F, 0)
        month = high & 0x0F
        # Every month is 15 in F and G, 0 in I.
        month = _open(month, 0) if n == 6 else _open(month, 15)
        year = low >> 5 | high >> 4 << 3
        if year == 127:
            year = EVERY
        elif year > 99:
            return None
        elif n == 4:
            # Clocks that know no century count 0..80 from 2000 on.
            year += 2000 if not century and year <= 80 else 1900 + 100 * century
        else:
            year += 2000
        if not month or month > 12 or day > 31:
            return None
        if day > 28 and month > 0 and day > _days(year, month):
            return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    return year, month, day, hour, minute, second


def _open(value, mark):
    return EVERY if value == mark else value


def _days(year, month):
    if month == 2:
        return 29 if year % 4 == 0 or year == EVERY else 28
    return 30 if month in (4, 6, 9, 11) else 31


def number(buf, at, n, msb_first=False):
    # As a point keeps it: YYMMDDhhmmss. None when the date is open or invalid, or a mere time.
    parts = fields(buf, at, n, msb_first)
    if parts is None or min(parts[:3]) < 0:
        return None
    year, month, day, hour, minute, second = parts
    value = (year % 100 * 100 + month) * 100 + day
    return ((value * 100 + max(hour, 0)) * 100 + max(minute, 0)) * 100 + max(second, 0)
