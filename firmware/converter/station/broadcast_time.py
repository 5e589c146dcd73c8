"""Broadcast time 08H (clause 7.10), to one or to all: never answered, and believed only if it is
within 5 minutes of ours, once a day, and not about midnight, when it could change the day.

While our time is unknown, the first plausible one is taken, whatever it says.
"""

from micropython import const

from converter.codec import bcd
from converter.link import dlt645
from converter.model import calendar
from converter.station.access import Changing
from converter.station.dlt645 import SILENT

_NEAR_S = const(300)
_DAY_S = const(86400)
_EARLIEST_S = const(820540800)  # 2026: this firmware is no older; 2000 is what a dead clock says


class Service(Changing):
    controls = bytes((dlt645.BROADCAST_TIME,))
    broadcast = True

    def handle(self, who, frame, out):
        data = dlt645.plain(frame)
        parts = [bcd.decode(data, i, 1) for i in range(len(data))]
        if len(data) == 6 and None not in parts:
            second, minute, hour, day, month, year = parts
            told_s = calendar.to_seconds(2000 + year, month, day, hour, minute, second)
            if told_s and self._is_believed(told_s):
                try:
                    self._node.change("follow_broadcast", told_s)
                except OSError:
                    pass  # that it was today's cannot be kept: then it is not taken
        return SILENT

    def _is_believed(self, told_s):
        now_s = self._node.time_s()
        if not now_s:
            return told_s >= _EARLIEST_S
        return (
            -_NEAR_S <= told_s - now_s <= _NEAR_S
            and _NEAR_S < now_s % _DAY_S < _DAY_S - _NEAR_S
            and _NEAR_S < told_s % _DAY_S < _DAY_S - _NEAR_S
        )
