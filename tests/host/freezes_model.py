"""A point and what must be frozen of it, in lines that share nothing with the freezer."""

from datetime import datetime, timedelta

from converter.model import freezes, unit
from converter.model.freezes import DAY, HOUR, MONTH, YEAR

EPOCH = datetime(2000, 1, 1)
LATE_S = 10
WAITING = 64
HOUR_S = 3600
POINTS = (1, 2)


class Point:
    """As a metering point, with one quantity."""

    quantities = b"\x01"

    def __init__(self, number):
        self.address = self.identity = bytes((number,) * 6)
        self.status = 0
        self.index = 1000 * number

    def value(self, slot):
        return self.index

    def exponent(self, slot):
        return -3

    def unit(self, slot):
        return unit.M3

    def entry(self, moment):
        if self.index is None:
            return moment, 0, 0, 0, self.status | freezes.UNKNOWN
        return moment, self.index, unit.M3 << freezes.UNIT_AT, -3, self.status


def moment_of(kind, back, now_s, settlement):
    """When the back-th freeze before now was due; a calendar that is not the firmware's."""
    now = EPOCH + timedelta(seconds=now_s)
    day, hour, month = settlement
    if kind == HOUR:
        found = now.replace(minute=0, second=0) - timedelta(hours=back - 1)
    elif kind == DAY:
        found = now.replace(hour=0, minute=0, second=0) - timedelta(days=back - 1)
    else:
        found = datetime(now.year + 1, month if kind == YEAR else 12, day, hour)
        left = back
        while left:
            if kind == YEAR:
                found = found.replace(year=found.year - 1)
            elif found.month > 1:
                found = found.replace(month=found.month - 1)
            else:
                found = found.replace(year=found.year - 1, month=12)
            left -= found <= now
    return int((found - EPOCH).total_seconds())


def kinds_at(moment, settlement):
    """Kind -> what tells it from its neighbours of the kind, in a full hour."""
    when = EPOCH + timedelta(seconds=moment)
    found = {HOUR: moment // HOUR_S}
    if when.hour == 0:
        found[DAY] = (when - EPOCH).days
    if (when.day, when.hour) == settlement[:2]:
        found[MONTH] = 12 * when.year + when.month
        if when.month == settlement[2]:
            found[YEAR] = when.year
    return found
