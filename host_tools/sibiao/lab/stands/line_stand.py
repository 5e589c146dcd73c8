"""What stands have in common whose module is reached by lines in a time of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Protocol

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.lab.record import ModuleFacts
from sibiao.lab.stands.facts import facts_of
from sibiao.lab.stands.line_log import LineLog
from sibiao.lab.stands.noted_line import NotedLine
from sibiao.lab.stands.stand import FarEnd, Kind
from sibiao.node.contract import Clock, Line
from sibiao.sim.uplink.dlt645_reading import find_frame, made_frame
from sibiao.sim.wire import NS_PER_MS, NS_PER_S, byte_time_ns

_START_LIMIT_S = 60  # a converter that is slower than that, a module does not find
_STEADY_S = 3  # then what it notes of its start is on the record
_REST_NS = 60 * NS_PER_MS  # after an answer: what still comes belongs to it
_FOREVER_NS = 10**18


class Lines(Protocol):
    """Of a `Node` (node/contract.py), its time and its lines."""

    clock: Clock

    def line(self, uart: int) -> Line: ...

    def run(self, span_ns: int) -> None: ...

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool: ...


class LineStand:
    """Of a `Stand`: time, uplink, facts."""

    def __init__(self, kind: Kind, name: str, loaded: Loaded, node: Lines):
        self.kind, self.name, self.loaded = kind, name, loaded
        self.log = LineLog()
        self.node = node
        self._off_s = 0.0  # outages that took the node no time
        self._settings = loaded.uplink.line.baud, loaded.uplink.line.parity
        self._names = {uart.uart: name for name, uart in loaded.board.uarts.items()}
        self._line = self._noted(loaded.board.uarts["uplink"].uart)

    def start(self) -> None:
        """Until it answers and is steady: SibiaoError when it never does."""
        ask = made_frame("A" * 12, 0x13)
        end_s = self.now_s() + _START_LIMIT_S
        while not self.uplink_exchange(ask)[0]:
            if self.now_s() > end_s:
                raise SibiaoError(
                    f"the module on the {self.name} has not answered within {_START_LIMIT_S} s of "
                    f"its start{self._last_words()}"
                )
        self.run(_STEADY_S)

    def _last_words(self) -> str:
        return ""

    def now_s(self) -> float:
        return self.node.clock.now_ns / NS_PER_S + self._off_s

    def run(self, seconds: float) -> None:
        # Some time passes, however little is left: who waits for a moment comes to it.
        self.node.run(math.ceil(seconds * NS_PER_S))

    def uplink_exchange(
        self, request: bytes, limit_s: float = 1.0, baud: int | None = None, parity: str = ""
    ) -> tuple[bytes, float | None]:
        node, line = self.node, self._line
        settings = baud or self._settings[0], parity or self._settings[1]
        byte_ns = byte_time_ns(*settings)
        heard = bytearray()
        first_ns: list[int] = []

        def hear(byte: int) -> None:
            heard.append(byte)
            if not first_ns:
                first_ns.append(node.clock.now_ns - byte_ns)

        line.settings(*settings)
        line.on_byte = hear
        end_ns = node.clock.now_ns + len(request) * byte_ns
        line.send(request)
        node.run(end_ns - node.clock.now_ns)
        limit_ns = round(limit_s * NS_PER_S)
        more = True
        while more and not find_frame(bytes(heard)):
            more = node.run_until(partial(_is_longer, heard, len(heard)), limit_ns)
        node.run(_REST_NS)
        line.settings(*self._settings)
        delay_ms = (first_ns[0] - end_ns) / NS_PER_MS if first_ns else None
        return bytes(heard), delay_ms

    def uplink(self) -> FarEnd:
        def run_until(done: Callable[[], bool]) -> None:
            self.node.run_until(done, _FOREVER_NS)

        return FarEnd(self.node.clock, self._line, run_until)

    def facts(self) -> ModuleFacts:
        return facts_of(self)

    def _noted(self, uart: int) -> NotedLine:
        name = self._names[uart]
        return NotedLine(
            self.node.line(uart), lambda *told: self.log.note(self.now_s(), name, *told)
        )


def _is_longer(heard: bytearray, than: int) -> bool:
    return len(heard) > than
