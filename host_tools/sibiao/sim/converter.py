"""A whole converter on this machine: its firmware on a node, its uplink, console and buses at
ports for other programs. The node's time keeps to wall-clock time; while it works, an emulated
board is slower."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sibiao.config.device.buses import points_by_bus
from sibiao.config.load import Loaded
from sibiao.node.console_end import ConsoleBridge, ConsoleEnd, Pace
from sibiao.node.contract import Line, Node
from sibiao.sim.community import Community
from sibiao.sim.line_tap import TappedLine
from sibiao.sim.serve import Port, PtyPort

_SLICE_NS = 2_000_000


class Converter:
    """`new_port` makes a port for each line that has none of its own. With `meters` the buses and
    contacts have simulated ones, whose water flows; without, each bus has a port."""

    def __init__(
        self,
        node: Node,
        loaded: Loaded,
        uplink: Port,
        console: ConsoleEnd,
        new_port: Callable[[], Port],
        *,
        meters: bool = False,
        taps: bool = False,
        strict_baud: bool = False,
    ):
        self.places: dict[str, str] = {"uplink": uplink.name, "console": console.address}
        self._node = node
        usb = node.chip.console if node.kind == "pico" else None
        self._console = ConsoleBridge(node, console, usb)
        self._new_port, self._has_taps = new_port, taps
        self._ports: list[Port] = []
        self._taps: list[Port] = []
        self._ways: list[_Way] = []
        uarts = loaded.board.uarts
        settings = loaded.uplink.line.baud, loaded.uplink.line.parity
        line = self._line("uplink", uarts["uplink"].uart)
        self._join(uplink, line, settings, strict_baud)
        lines = {name: self._line(name, uarts[name].uart) for name in points_by_bus(loaded)}
        if meters:
            on_uart = {uarts[name].uart: line for name, line in lines.items()}
            self.meters = Community(node, loaded, datetime.now(), on_uart.__getitem__)
            for meter in self.meters.pulses.values():
                meter.start()
            return
        for pin in loaded.board.pulse_inputs.values():
            node.set_pin(pin.gpio, int(pin.active == "low"))
        for name, line in lines.items():
            first = points_by_bus(loaded)[name][0][1]
            at = first.line or loaded.meters[first.meter].line
            port = new_port()
            self.places[name] = port.name
            self._join(port, line, (at.baud, at.parity), strict_baud)

    def serve(self, until: Callable[[], bool]) -> None:
        pace = Pace(self._node.clock)
        while not until():
            self._node.run(_SLICE_NS)
            for way in self._ways:
                way.pass_on()
            for tap in self._taps:
                tap.wait(0)  # lets listeners in; what they say goes nowhere
            self._console.pass_output()
            self._console.wait(pace.ahead_s())

    def close(self) -> None:
        self._console.close()
        for port in self._ports:
            port.close()

    def _line(self, name: str, uart: int) -> Line:
        line = self._node.line(uart)
        if not self._has_taps:
            return line
        port = self._new_port()
        self._ports.append(port)
        self._taps.append(port)
        self.places[f"{name} tap"] = port.name
        return TappedLine(self._node.clock, line, port)

    def _join(self, port: Port, line: Line, settings: tuple[int, str], strict: bool) -> None:
        self._ports.append(port)
        self._ways.append(_Way(port, line, settings, strict))


class _Way:
    """Bytes between a port and a line. `strict`: a rate that the port's user has set is the
    line's; otherwise it has the configured one, whatever is set."""

    def __init__(self, port: Port, line: Line, settings: tuple[int, str], strict: bool):
        self._port, self._line = port, line
        self._settings = settings
        self._strict = strict and isinstance(port, PtyPort)
        line.settings(*settings)
        port.configure(*settings)
        line.on_byte = lambda byte: port.write(bytes([byte]))

    def pass_on(self) -> None:
        data = self._port.wait(0)
        if not data:
            return
        if self._strict:
            told = self._port.baud() or self._settings[0], self._settings[1]
            if told != self._settings:
                self._settings = told
                self._line.settings(*told)
        self._line.send(data)
