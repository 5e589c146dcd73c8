"""Password 18H (clause 7.9): the old one of this level or a higher one, and the new one. DI0 names
the level, too; the level before the new password is what counts."""

from converter.link import dlt645
from converter.model import change
from converter.station.access import Changing
from converter.station.dlt645 import NO_DATA, OTHER


class Service(Changing):
    controls = bytes((dlt645.SET_PASSWORD,))

    def handle(self, who, frame, out):
        node = self._node
        data = dlt645.plain(frame)
        if len(data) != 12:
            return -OTHER
        level = data[8]
        if data[1:4] != b"\x0c\x00\x04" or level not in (change.CLEARING, change.WRITING):
            return -NO_DATA
        refused = node.refusal(level, data[4], data[5:8])
        if refused:
            return -refused
        try:
            node.change("set_password", (data[4], 0), level, data[9:])
        except OSError:
            return -OTHER
        out[dlt645.DATA : dlt645.DATA + 4] = data[8:]
        return 4
