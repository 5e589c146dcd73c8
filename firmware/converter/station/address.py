"""Read address 13H (clause 7.5): point-to-point, asked of the all-wildcard address only; silent on
errors."""

from converter.link import dlt645
from converter.station.dlt645 import SILENT


class Service:
    controls = bytes((dlt645.READ_ADDRESS,))
    broadcast = False
    shift = 0x33

    def __init__(self, node):
        self._points = node.points

    def handle(self, who, frame, out):
        if frame[dlt645.LENGTH] or frame[dlt645.ADDRESS] != dlt645.WILDCARD:
            return SILENT
        out[dlt645.DATA : dlt645.DATA + 6] = self._points[who].address
        return 6
