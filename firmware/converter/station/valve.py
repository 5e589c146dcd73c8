"""The valve of a point's meter, written as an identifier of ours, E0ppF000 (pp: the point, 00 for
whoever was asked): 55 opens, 99 closes, as in CJ/T 188. Behind the password and the programming
window; answered when the meter has. What it did is not known when it stays silent: an error.
"""

from micropython import const

from converter.link import dlt645
from converter.model import change
from converter.station.dlt645 import JOB, NO_DATA, NOT_MINE, OTHER, UNAUTHORISED

_LENGTH = const(13)  # DI, password, operator code, one byte
_TO = {0x55: "open", 0x99: "close"}


class Service:
    controls = bytes((dlt645.WRITE_DATA,))
    broadcast = False
    shift = 0x33

    def __init__(self, node):
        self._node = node
        self.job = None

    def handle(self, who, frame, out):
        data = dlt645.plain(frame)
        if data[:2] != b"\x00\xf0" or data[3:4] != b"\xe0":
            return NOT_MINE
        if len(data) != _LENGTH:
            return -OTHER
        node = self._node
        refused = node.refusal(change.CLEARING, data[4], data[5:8])
        if refused:
            return -refused
        if not node.access.is_open(node.now_s()):
            return -UNAUTHORISED
        if data[2]:
            if who or data[2] >= len(node.points):
                return -NO_DATA
            who = data[2]
        to = _TO.get(data[12])
        self.job = node.jobs("valve", who, to) if to else None
        if self.job is None:
            return -OTHER
        try:
            by = data[4], int.from_bytes(data[8:12], "little")
            node.change("move_valve", by, who, data[12])
        except OSError:
            return -OTHER  # nobody moves it unnoted
        return JOB

    def complete(self, job, heard, out):
        return 0 if heard else -OTHER
