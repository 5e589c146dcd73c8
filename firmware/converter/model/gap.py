"""What may have been missed while nothing was counted: an upper bound, in pulses."""

from micropython import const

UNKNOWN = const(0xFFFFFFFF)
_MOST = const(0xFFFFFFFE)


def pulses_in(span_s, max_per_h):
    # The most that a meter can give in a span, a pulse begun included.
    return span_s * max_per_h // 3600 + 1


def bound(now_s, total_s, alive_s, loss, max_per_h):
    # now_s: end of the gap. total_s: when the total was committed, alive_s: when anything was
    # (seconds since 2000, 0 unknown). loss: pulses that the save policy leaves uncommitted.
    if not now_s or not alive_s or now_s < alive_s:
        return UNKNOWN
    # Whole seconds are cut off: what lies between two of them may be a second longer.
    most = loss + pulses_in(now_s - alive_s + 1, max_per_h)
    if total_s and total_s <= now_s:
        most = min(most, pulses_in(now_s - total_s + 1, max_per_h))
    return min(most, _MOST)


def add(one, other):
    # Bounds add up; one that is unknown leaves the sum unknown.
    if one == UNKNOWN or other == UNKNOWN:
        return UNKNOWN
    return min(one + other, _MOST)
