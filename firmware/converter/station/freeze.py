"""Freeze 16H (clause 7.7), to one or to all: 99999999 at once, and the patterns 99DDhhmm, 9999hhmm
and 999999mm for every month, day or hour. A pattern is a parameter: it needs the programming
window.

A point's address freezes that point at once, the converter's all of them; a pattern is for all.
"""

from micropython import const

from converter.codec import bcd
from converter.link import dlt645
from converter.model import freezes
from converter.station.access import Changing
from converter.station.dlt645 import OTHER, UNAUTHORISED

_LAST_DAY = const(28)  # that every month has


class Service(Changing):
    controls = bytes((dlt645.FREEZE,))
    broadcast = True

    def handle(self, who, frame, out):
        node = self._node
        data = dlt645.plain(frame)
        if data == b"\x99\x99\x99\x99":
            taken = node.freezer.freeze(max(who, 0))
            return 0 if taken and node.freezer.commit_all() else -OTHER
        pattern = _pattern(data)
        if not pattern:
            return -OTHER
        if not node.access.is_open(node.now_s()):
            return -UNAUTHORISED
        try:
            node.change("set_pattern", (0, 0), pattern)
            return 0
        except OSError:
            return -OTHER


def _pattern(data):
    # (day, hour, minute) as model.freezes.meets, None when it is none.
    if len(data) != 4 or data[3] != freezes.ANY:
        return None
    pattern = [
        each if each == freezes.ANY else bcd.decode(data, i, 1) for i, each in enumerate(data)
    ]
    minute, hour, day, _ = pattern
    if None in pattern or minute > 59 or (hour == freezes.ANY and day != freezes.ANY):
        return None
    if (hour > 23 and hour != freezes.ANY) or (not 1 <= day <= _LAST_DAY and day != freezes.ANY):
        return None
    return day, hour, minute
