"""Alarms that a bus meter tells itself: which bits of its status its profile calls alarms."""

from micropython import const

from converter.model import events

_STATE = const(3)


class MeterAlarms:
    def __init__(self, rows):
        # rows: quantity of the point, mask, whether its bits 0 and 1 are one state of which only
        # 3 is a fault, and what to add to a bit's number in events.
        self._rows = rows
        self._held = [0] * len(rows)

    def judge(self, point, number, record_event):
        # After each poll: whether any holds. One ends when the meter says so, not when it is
        # silent. number: of the point.
        holds = False
        for k in range(len(self._rows)):
            code, mask, has_state, first = self._rows[k]
            value = point.value(point.slot(code))
            if value is not None:
                bits = value & mask
                if has_state:
                    bits &= ~_STATE if bits & _STATE != _STATE else ~2
                began = bits & ~self._held[k]
                self._held[k] = bits
                bit = 0
                while began >> bit:
                    if began >> bit & 1:
                        record_event(events.ALARM, number, first + bit)
                    bit += 1
            holds = holds or self._held[k] != 0
        return holds
