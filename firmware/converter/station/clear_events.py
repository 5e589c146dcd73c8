"""Event clear 1BH (clause 7.13): all events (DI FFFFFFFF), which is an event itself."""

from converter.link import dlt645
from converter.model import change
from converter.station.access import Changing
from converter.station.dlt645 import NO_DATA, OTHER


class Service(Changing):
    controls = bytes((dlt645.CLEAR_EVENTS,))

    def handle(self, who, frame, out):
        node = self._node
        data = dlt645.plain(frame)
        if len(data) != 12:
            return -OTHER
        if data[8:] != b"\xff\xff\xff\xff":
            return -NO_DATA  # one sort of events cannot be cleared alone
        refused = node.refusal(change.WRITING, data[0], data[1:4])
        if refused:
            return -refused
        try:
            node.change("clear_events", (data[0], int.from_bytes(data[4:8], "little")))
            return 0
        except OSError:
            return -OTHER
