"""Baud 17H (clause 7.8): acknowledged at the old rate, kept from then on. It knows no password, so
it needs the programming window."""

from converter.link import dlt645
from converter.station.access import Changing
from converter.station.dlt645 import BAUD, UNAUTHORISED


class Service(Changing):
    controls = bytes((dlt645.SET_BAUD,))

    def handle(self, who, frame, out):
        node = self._node
        data = dlt645.plain(frame)
        if not node.access.is_open(node.now_s()):
            return -UNAUTHORISED
        try:
            node.change("set_baud", (0, 0), data[0] if len(data) == 1 else 0)
        except (ValueError, OSError):
            return -BAUD
        out[dlt645.DATA] = data[0]
        return 1
