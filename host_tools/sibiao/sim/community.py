"""The simulated meters of a community, each where its point is wired, and what they truly show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from sibiao.config.load import Loaded
from sibiao.node.contract import Line, Node
from sibiao.sim.bus_meter import Bus
from sibiao.sim.bus_named import meter_of
from sibiao.sim.bus_values import amount
from sibiao.sim.fram_chip import FramChip
from sibiao.sim.pulse_meter import PulseMeter
from sibiao.sim.rtc_chip import Ds3231, Rx8025

CHIPS = {"ds3231": Ds3231, "rx8025": Rx8025}
OPEN_MV, CLOSED_MV = 500, 2000  # of a NAMUR sensor


class Contacts:
    """A node to a `PulseMeter`: its active-low contact as the board's input has it."""

    def __init__(self, node, pin):
        self.clock = node.clock
        self._node, self._pin = node, pin

    def set_pin(self, gpio, level):
        closed = level == 0
        if self._pin.source == "namur":
            self._node.set_analog(gpio, CLOSED_MV if closed else OPEN_MV)
        else:
            self._node.set_pin(gpio, int(closed == (self._pin.active == "high")))


class Community:
    """`truth(point)` is the index in what the uplink's register counts; None: it has none.
    `line_of` gives the line of a bus, by its name on the board."""

    def __init__(
        self,
        node: Node,
        loaded: Loaded,
        now: datetime = datetime(2026, 11, 25, 8),
        line_of: Callable[[str], Line] | None = None,
    ):
        board = loaded.board
        line_of = line_of or (lambda name: node.line(board.uarts[name].uart))
        if board.rtc:
            CHIPS[board.rtc.chip](node, board.rtc.i2c, now)
        if board.fram:
            FramChip(node, board.fram.i2c, board.fram.address)
        self.pulses, self.indexes, self.buses, self._units = {}, {}, {}, {}
        on = {}
        for number, point in enumerate(loaded.community.points, 1):
            profile = loaded.meters[point.meter]
            if profile.link == "pulse":
                self.pulses[point.name] = self._pulse(node, board, point, profile, number)
            elif profile.link != "transparent":
                on.setdefault(point.wired_to, []).append(self._bus(point, profile, number))
            for guard in filter(None, (point.tamper, point.cable)):
                healthy = guard == point.cable or getattr(profile, "tamper_when", "") == "open"
                pin = board.pulse_inputs[guard]
                node.set_pin(pin.gpio, int(healthy == (pin.active == "high")))
        for name, meters in on.items():
            self.buses[name] = Bus(node.clock, line_of(name), meters)

    def truth(self, point):
        if point.name in self.pulses:
            return self.pulses[point.name].dial.at(-2, "m3").value / Decimal(100)
        return self.indexes.get(point.name)

    def unit(self, point):
        return "m3" if point.name in self.pulses else self._units[point.name]

    def _pulse(self, node, board, point, profile, number):
        pin = board.pulse_inputs[point.wired_to]
        electronic = profile.min_active_ms < 1
        return PulseMeter(
            Contacts(node, pin),
            pin.gpio,
            litres_per_pulse=int(profile.m3_per_pulse * 1000),
            flow_l_per_h=int(profile.max_flow_m3_per_h * 900),
            base_reading_l=int(Decimal(point.base_reading) * 1000),
            bounce_ns=0 if electronic else 1_000_000,
            seed=number,
        )

    def _bus(self, point, profile, number):
        index = "energy" if profile.medium == "heat" else "volume"
        unit = {"J": "GJ", "Wh": "kWh", "m3": "m3"}[amount(profile.golden[0].values[index], "")[1]]
        value = Decimal(100 + 37 * number)
        self.indexes[point.name] = value
        self._units[point.name] = unit
        address = point.secondary_address or point.meter_address
        return meter_of(f"{point.meter}@{address},{index}={value} {unit}", place=number)
