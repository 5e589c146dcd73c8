"""A wire to listen at: both directions of a simulated line, as on a half-duplex bus."""

from __future__ import annotations

from collections.abc import Callable

from sibiao.node.contract import Clock, Line
from sibiao.sim.serve import Port, PortLine


class TappedLine:
    """A `Line` whose bytes are heard at a port, too, each when it is complete on the wire."""

    def __init__(self, clock: Clock, line: Line, port: Port):
        self.on_byte: Callable[[int], None] | None = None
        self._line, self._port = line, port
        self._heard = PortLine(clock, port)
        line.on_byte = self._from_node

    def settings(self, baud: int, parity: str = "E") -> None:
        self._line.settings(baud, parity)
        self._heard.settings(baud, parity)

    def send(self, data: bytes) -> None:
        self._heard.send(data)
        self._line.send(data)

    def _from_node(self, byte: int) -> None:
        self._port.write(bytes([byte]))
        if self.on_byte:
            self.on_byte(byte)
