"""What stands around a simulated module: a community's meters, each where its point is wired, and
the board's chips; and what the meters truly show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from sibiao.config.device.pulses import wires_of
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.config.schema.pulse import Namur, PulseInput
from sibiao.node.contract import Line, Node
from sibiao.sim.bus.faults import with_fault
from sibiao.sim.bus.meter import Bus, Meter
from sibiao.sim.bus.named import meter_of
from sibiao.sim.bus.values import amount
from sibiao.sim.chips.fram import FramChip
from sibiao.sim.chips.rtc import Ds3231, Rx8025
from sibiao.sim.pulse.wiring import (
    CLOSED_ABOVE_MV,
    CLOSED_MV,
    CUT_BELOW_MV,
    FULL_MV,
    OPEN_BELOW_MV,
    OPEN_MV,
    SHORT_ABOVE_MV,
)

_CHIPS = {"ds3231": Ds3231, "rx8025": Rx8025}
MORNING = datetime(2026, 11, 25, 8)
_INDEX_UNITS = {"J": "GJ", "Wh": "kWh", "m3": "m3"}


class MeterOnBus:
    """One of a bus' meters. `index`: which of its quantities is the main one."""

    def __init__(self, meter: Meter, truth: dict[str, str], index: str, unit: str):
        self.meter = meter
        self.truth = truth
        self.index = index
        self.unit = unit
        self.bus: Bus | None = None
        self.place = 0

    def set(self, quantity: str, text: str) -> None:
        self.meter.set(quantity, text)
        self.truth[quantity] = text

    def fail(self, fault: str | None) -> None:
        meter = with_fault(self.meter, fault, seed=self.place) if fault else self.meter
        self.bus.meters[self.place] = meter


class Surroundings:
    """`clock_chip` and `bus_meters` (by the point's name) of this community. `line`: what the
    buses hang on, by UART. `now`: of the clock chip."""

    def __init__(
        self,
        node: Node,
        loaded: Loaded,
        line: Callable[[int], Line] | None = None,
        now: datetime = MORNING,
    ):
        board = loaded.board
        self.clock_chip = None
        self.bus_meters: dict[str, MeterOnBus] = {}
        self._buses: dict[str, list[MeterOnBus]] = {}
        self._node, self._board = node, board
        self.supply(True)
        if board.rtc:
            self.clock_chip = _CHIPS[board.rtc.chip](node, board.rtc.i2c, now)
        if board.fram:
            FramChip(node, board.fram.i2c, board.fram.address)
        for number, point in enumerate(loaded.community.points, 1):
            self._put(loaded, number, point)
        for name, meters in self._buses.items():
            bus_line = (line or node.line)(board.uarts[name].uart)
            bus = Bus(node.clock, bus_line, [each.meter for each in meters])
            for place, each in enumerate(meters):
                each.bus, each.place = bus, place

    def supply(self, sound: bool) -> None:
        """What the board's monitor says of it, where it has one."""
        pin = self._board.supply
        if pin:
            self._node.set_pin(pin.gpio, int(sound != (pin.active == "high")))

    def close(self, name: str, closed: bool) -> None:
        """A contact at one of the board's inputs."""
        pin = self._board.pulse_inputs[name]
        if pin.source == "namur":
            self.put(name, CLOSED_MV if closed else OPEN_MV)
        else:
            self.put(name, int(closed == (pin.active == "high")))

    def put(self, name: str, value: int) -> None:
        """A level; of a NAMUR input, millivolts between the limits of `sim/pulse/wiring.py`."""
        pin: PulseInput = self._board.pulse_inputs[name]
        if pin.source == "namur":
            self._node.set_analog(pin.gpio, _as_on_board(pin.namur, value))
        else:
            self._node.set_pin(pin.gpio, value)

    def _put(self, loaded: Loaded, number: int, point: Point) -> None:
        profile = loaded.meters[point.meter]
        if profile.link == "pulse":
            for name in wires_of(point):
                self.close(name, False)
        elif profile.link != "transparent":
            self.bus_meters[point.name] = made = _on_bus(point, profile, number)
            self._buses.setdefault(point.wired_to, []).append(made)
        for guard in filter(None, (point.tamper, point.cable)):
            self.close(guard, guard == point.cable or profile.tamper_when == "open")


def _as_on_board(namur: Namur, millivolts: int) -> int:
    """The voltage that lies between the board's limits as this one between the wiring's."""
    theirs = (0, CUT_BELOW_MV, OPEN_BELOW_MV, CLOSED_ABOVE_MV, SHORT_ABOVE_MV, FULL_MV)
    ours = (
        0,
        namur.cut_below_mv,
        namur.open_below_mv,
        namur.closed_above_mv,
        namur.short_above_mv,
        FULL_MV,
    )
    at = min(bisect_right(theirs, millivolts), len(theirs) - 1)
    low, high = theirs[at - 1], theirs[at]
    return ours[at - 1] + (millivolts - low) * (ours[at] - ours[at - 1]) // (high - low)


def _on_bus(point: Point, profile, number: int) -> MeterOnBus:
    index = "energy" if profile.medium == "heat" else "volume"
    golden = profile.golden[0]
    unit = _INDEX_UNITS[amount(golden.values[index], "")[1]]
    told = f"{Decimal(100 + 37 * number)} {unit}"
    address = point.secondary_address or point.meter_address
    meter = meter_of(f"{point.meter}@{address},{index}={told}", place=number)
    return MeterOnBus(meter, {**golden.values, index: told}, index, unit)
