"""Identifiers of other sources than a point's current value (station.rows); loaded when read."""

from micropython import const

from converter.codec import bcd
from converter.model import alarms, calendar, freezes
from converter.station.dlt645 import NO_DATA, OTHER
from converter.station.rows import (
    BYTES,
    CLOCK,
    CONSTANT,
    FREEZE,
    FREEZE_TIME,
    SETTLEMENT,
    SOURCES,
    STATE,
    TEXT,
)

_DATE_TIME = const(0x77)  # without the weekday
_CLOCK_BATTERY = const(0x04)  # of status word 1 (annex C)


def put(service, who, row, back, out, at):
    # 0, or an error word, negative.
    table = service.table
    source = table[row + 8] & SOURCES
    code, n, more = table[row + 4], table[row + 5] & BYTES, table[row + 6]
    if source == TEXT:
        return _put_text(service.texts[code], out, at, n)
    if source == CONSTANT:
        return 0 if bcd.encode(code + (more << 8), out, at, n) else -OTHER
    if source == CLOCK:
        return _put_time(service.time_s, more, out, at)
    if source == SETTLEMENT:
        day, hour, _ = service.node.freezer.settlement
        return _put_parts((0, 0, hour, 0, day, 0, 0), more, out, at)
    if source == STATE:
        return _put_state(service.node, back, out, at)
    point = service.node.points[who]
    if source < FREEZE:
        slot = point.slot(code)
        if slot < 0 or point.value(slot) is None or not service.time_s:
            return -NO_DATA
        if point.unit(slot) != table[row + 7]:
            return -NO_DATA  # the time of what this identifier does not tell
        ago_s = service.now_s - point.time_s(slot)
        return _put_time(service.time_s - ago_s, _DATE_TIME, out, at)
    try:
        found = service.node.freezer.past(who, code, back, service.time_s) if who else None
    except OSError:
        return -OTHER  # the keeper cannot tell
    if found is None or found[1] is None:
        return -NO_DATA  # never frozen, or missed
    moment_s, (_, value, held, exponent, status) = found
    if source == FREEZE_TIME:
        return _put_time(moment_s, more, out, at)
    # Which unit it had then; old records do not say, and a meter does not change it.
    unit = held >> freezes.UNIT_AT or point.unit(0)
    if status & freezes.UNKNOWN or unit != table[row + 7]:
        return -NO_DATA
    return service.put_number(row, value, exponent, out, at)


def _put_text(text, out, at, n):
    # Last character first; what fills the field is sent before it, as in published answers.
    if not text:
        return -NO_DATA
    for i in range(n):
        k = n - 1 - i
        out[at + i] = text[k] if k < len(text) else 0
    return 0


def _put_state(node, word, out, at):
    # Word 1 to 7 (annex C): of all that they tell, we have a clock's battery.
    lost = node.kept_events.alarms.active >> alarms.CLOCK_LOST & 1
    out[at] = _CLOCK_BATTERY if word == 1 and lost else 0
    out[at + 1] = 0
    return 0


def _put_time(seconds, parts, out, at):
    found = calendar.from_seconds(seconds) if seconds else None
    if not found:
        return -NO_DATA
    year, month, day, hour, minute, second = found
    weekday = calendar.weekday(seconds)
    return _put_parts((second, minute, hour, weekday, day, month, year % 100), parts, out, at)


def _put_parts(values, parts, out, at):
    for value in values:
        if parts & 1:
            bcd.encode(value, out, at, 1)
            at += 1
        parts >>= 1
    return 0
