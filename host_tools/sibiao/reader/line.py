"""The way to a converter: a serial port, a PTY, or a TCP gateway (`socket://HOST:PORT`)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sibiao.board.port import PORT_ERRORS, open_line
from sibiao.errors import SibiaoError
from sibiao.reader.exchange import ANSWER_MS, MAX_FRAME, PAUSE_MS, Answer, Exchange
from sibiao.sim.wire import NS_PER_MS, byte_time_ns

_ADAPTER_MS = 100  # what USB adapters and gateways hold back, both ways
_READ_S = 0.01


class UplinkPort:
    """`slack_ms`: how much later than on the line itself an answer may come."""

    def __init__(self, port: str, baud: int, parity: str = "E", slack_ms: int = 0):
        self.name, self._parity = port, parity
        self._slack_ms = _ADAPTER_MS + slack_ms
        self._con = open_line(port, baud, parity)
        self._con.timeout = _READ_S
        self.set_baud(baud)

    def __enter__(self) -> UplinkPort:
        return self

    def __exit__(self, *_) -> None:
        self._con.close()

    def set_baud(self, baud: int) -> None:
        """What a gateway has at its far end, it keeps."""
        self._con.baudrate = baud
        self.settings = f"{baud} baud 8{self._parity}1"
        self._byte_ms = byte_time_ns(baud, self._parity) / NS_PER_MS

    @contextmanager
    def patient(self, more_ms: int) -> Iterator[None]:
        """Answers within may come so much later."""
        self._slack_ms += more_ms
        try:
            yield
        finally:
            self._slack_ms -= more_ms

    def exchange(self, sent: bytes, exchange: Exchange | None) -> Answer | None:
        """The answer, None when none came in time. Without an exchange nothing is waited for but
        the end of sending."""
        try:
            return self._exchange(sent, exchange)
        except PORT_ERRORS as error:
            raise SibiaoError(
                f"port {self.name} is gone in the middle of reading ({error}): check the cable "
                "and repeat"
            ) from error

    def _exchange(self, sent: bytes, exchange: Exchange | None) -> Answer | None:
        con = self._con
        con.reset_input_buffer()
        con.write(sent)
        sending_ms = len(sent) * self._byte_ms
        if exchange is None:
            time.sleep(sending_ms / 1000)
            return None
        until_ms = _now_ms() + sending_ms + ANSWER_MS + self._slack_ms
        # The longest answer with the longest pauses that are no fault; what babbles on is none.
        end_ms = until_ms + 2 * MAX_FRAME * self._byte_ms + PAUSE_MS
        while _now_ms() < min(until_ms, end_ms):
            data = con.read(con.in_waiting or 1)
            if not data:
                continue
            answer = exchange.hear(data)
            if answer is not None:
                return answer
            until_ms = max(until_ms, _now_ms() + PAUSE_MS + self._slack_ms)
        return None


def _now_ms() -> float:
    return time.monotonic() * 1000
