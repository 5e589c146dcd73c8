"""Write address 15H (clause 7.6): asked of the all-wildcard address, answered from the new one,
and only in the programming window; silent on errors."""

from converter.link import dlt645
from converter.station.access import Changing
from converter.station.dlt645 import SILENT


class Service(Changing):
    controls = bytes((dlt645.WRITE_ADDRESS,))

    def handle(self, who, frame, out):
        node = self._node
        if frame[dlt645.LENGTH] != 6 or not node.access.is_open(node.now_s()):
            return SILENT
        for i in range(dlt645.ADDRESS, dlt645.ADDRESS + 6):
            if frame[i] != dlt645.WILDCARD:
                return SILENT
        try:
            node.change("set_address", (0, 0), who, dlt645.plain(frame), False)
            return 0
        except (ValueError, OSError):
            return SILENT
