"""A bus at a serial adapter, or behind a TCP gateway (`socket://HOST:PORT`)."""

from __future__ import annotations

import time

from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.bus.wire import LineRefused, Listening
from sibiao.errors import SibiaoError
from sibiao.sim.wire import NS_PER_MS, byte_time_ns

_READ_S = 0.01
_ADAPTER_MS = 60  # what USB adapters and gateways hold back, both ways


class PortWire:
    """`slack_ms`: how much later than on the bus itself an answer may come."""

    def __init__(self, port: str, slack_ms: int = 0):
        self.name = port
        self._slack_ms = _ADAPTER_MS + slack_ms
        self._con = open_port(port)
        self._con.timeout = _READ_S
        self._set: tuple[int, str] | None = None

    def close(self) -> None:
        self._con.close()

    def exchange(
        self, request: bytes, baud: int, parity: str, limit_ms: int, quiet_ms: int
    ) -> bytes:
        try:
            self._settle(baud, parity)
            return self._exchange(request, byte_time_ns(baud, parity), limit_ms, quiet_ms)
        except PORT_ERRORS as error:
            raise SibiaoError(
                f"port {self.name} is gone in the middle of the scan ({error}): check the cable "
                "and the adapter, and repeat"
            ) from error

    def _settle(self, baud: int, parity: str) -> None:
        if self._set == (baud, parity):
            return
        before = self._con.parity
        try:
            self._con.baudrate = baud
            self._con.parity = parity
        except (*PORT_ERRORS, ValueError) as error:
            self._set = None
            self._con.parity = before
            raise LineRefused(
                f"port {self.name} does not take {baud} baud 8{parity}1: not asked at it"
            ) from error
        self._set = (baud, parity)

    def _exchange(self, request: bytes, byte_ns: int, limit_ms: int, quiet_ms: int) -> bytes:
        con = self._con
        con.reset_input_buffer()
        con.write(request)
        sent_ms = _now_ms() + len(request) * byte_ns / NS_PER_MS
        listening = Listening(request, quiet_ms, sent_ms + limit_ms + self._slack_ms)
        while not listening.is_over(_now_ms()):
            data = con.read(con.in_waiting or 1)
            if data:
                listening.hear(data, _now_ms())
        return listening.answer()


def _now_ms() -> float:
    return time.monotonic() * 1000
