"""A bus at a running node, asked over its console: DLE and `bus N BAUD PARITY LIMIT_MS HEX`, one
line; it answers with one line `sibiao {"heard": HEX}` or `sibiao {"error": WHY}`."""

from __future__ import annotations

from sibiao.board import identity
from sibiao.board.console import Commands, Console, PortConsole
from sibiao.config.device.buses import points_by_bus
from sibiao.config.load import Loaded, load
from sibiao.errors import SibiaoError
from sibiao.sim.wire import NS_PER_MS, byte_time_ns

_LONGEST_MS = 10000  # that a node listens
_CONSOLE_MS = 15000  # until it has come to the command, whatever its bus is at
_BUSY = "the bus has another job"  # of a read through the uplink, or of another program
_BUSY_TRIES = 5


class NodeWire:
    """`bus`: which of the node's buses, from 0."""

    def __init__(self, console: Console, name: str, bus: int):
        self.name = name
        self._commands = Commands(console, name, "the scan")
        self._bus = bus

    def exchange(
        self, request: bytes, baud: int, parity: str, limit_ms: int, quiet_ms: int
    ) -> bytes:
        # The node cancels the echo and judges the quiet by itself: it alone has the bus' time.
        limit_ms = min(limit_ms, _LONGEST_MS)
        text = f"bus {self._bus} {baud} {parity} {limit_ms} {request.hex().upper()}"
        sending_ms = len(request) * byte_time_ns(baud, parity) / NS_PER_MS
        limit_ms += sending_ms + _CONSOLE_MS
        said = self._commands.ask(text, "heard", limit_ms)
        for _ in range(_BUSY_TRIES):
            if said.get("error") != _BUSY:
                break
            said = self._commands.ask(text, "heard", limit_ms)
        if "error" in said:
            raise SibiaoError(f"the node at {self.name} does not ask its bus: {said['error']}")
        return bytes.fromhex(said["heard"])


def node_wire(port: str, bus: str) -> NodeWire:
    """The bus of that name (or number) at the node that answers on the port."""
    report = identity.running(port, " A bus adapter is given by --port")
    number = int(bus) if bus.isdecimal() else _number(bus, load(report["community"]))
    return NodeWire(PortConsole(port), port, number)


def _number(bus: str, loaded: Loaded) -> int:
    names = list(points_by_bus(loaded))
    if bus not in names:
        raise SibiaoError(
            f"the node's community {loaded.name!r} has no bus {bus!r}; it has: "
            f"{', '.join(names) or 'none: give it a point on a bus, and flash it'}"
        )
    return names.index(bus)
