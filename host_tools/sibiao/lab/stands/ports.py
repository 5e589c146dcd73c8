"""Serial ports in place of a simulated node: its lines, in real time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.node.contract import I2cDevice
from sibiao.sim.serve import Port, PortLine, SerialPort, WallClock, serve_all
from sibiao.sim.wire import NS_PER_MS

_MOMENT_NS = 20 * NS_PER_MS
_BACK_S = 10.0  # until a port is there again that was away with its module


class Ports:
    """UART -> port. `levels`: of the inputs, by GPIO, as the meters around want them at rest."""

    def __init__(self, names: Mapping[int, str]):
        self.clock = WallClock()
        self.levels: dict[int, int] = {}
        self._ends: dict[int, tuple[Port, PortLine]] = {}
        try:
            for uart, name in names.items():
                port = SerialPort(name)
                self._ends[uart] = port, PortLine(self.clock, port)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for port, _ in self._ends.values():
            port.close()

    def port(self, uart: int) -> Port:
        return self._ends[uart][0]

    def line(self, uart: int) -> PortLine | _Nowhere:
        return self._ends[uart][1] if uart in self._ends else _Nowhere()

    def run(self, span_ns: int) -> None:
        self.run_until(lambda: False, span_ns)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        end_ns = self.clock.now_ns + limit_ns
        met = False

        def over() -> bool:
            nonlocal met
            met = done()
            return met or self.clock.now_ns >= end_ns

        serve_all(self.clock, list(self._ends.values()), over)
        return met

    # What meters and chips do that are put around a simulated node

    def set_pin(self, gpio: int, level: int) -> None:
        self.levels[gpio] = level

    def set_analog(self, gpio: int, millivolts: int) -> None:
        """A current loop has no contact to ground: it stays as it is wired."""

    def attach_i2c(self, bus: int, address: int, device: I2cDevice | None) -> None:
        """The board has its own chips."""


class _Nowhere:
    """A line that leads to no port."""

    on_byte: Callable[[int], None] | None = None

    def settings(self, baud: int, parity: str = "E") -> None: ...

    def send(self, data: bytes) -> None: ...


class ModuleConsole:
    """A `Console` at the module's USB port; the port may go and come back with the module. The
    lines beside it live on while it is read."""

    def __init__(self, name: str, ports: Ports):
        self._name, self._ports = name, ports
        self._con = None

    def write(self, data: bytes) -> None:
        if self._con is None:
            self._con = open_port(self._name, wait_s=_BACK_S)
        self._or_gone(lambda: self._con.write(data))

    def read(self) -> bytes:
        self._ports.run(_MOMENT_NS)
        return self._or_gone(lambda: self._con.read(self._con.in_waiting))

    def now_ms(self) -> float:
        return time.monotonic() * 1000

    def close(self) -> None:
        con, self._con = self._con, None
        if con is not None:
            con.close()

    def _or_gone(self, action):
        try:
            return action()
        except PORT_ERRORS:
            self.close()
            raise
