"""The simulated meters of a community, each where its point is wired, and what they truly show."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from sibiao.config.load import Loaded
from sibiao.node.contract import Line, Node
from sibiao.sim.pulse.meter import PulseMeter
from sibiao.sim.surroundings import MORNING, Surroundings


class Contact:
    """A node to a `PulseMeter`: its active-low contact as the board's input has it."""

    def __init__(self, node, around, name):
        self.clock = node.clock
        self._around, self._name = around, name

    def set_pin(self, gpio, level):
        self._around.close(self._name, level == 0)


class Community:
    """`truth(point)` is the index in what the uplink's register counts; None: it has none.
    `line`: what the buses hang on, by UART."""

    def __init__(
        self,
        node: Node,
        loaded: Loaded,
        now: datetime = MORNING,
        line: Callable[[int], Line] | None = None,
    ):
        self._around = Surroundings(node, loaded, line, now)
        self.pulses = {}
        for number, point in enumerate(loaded.community.points, 1):
            profile = loaded.meters[point.meter]
            if profile.link == "pulse":
                self.pulses[point.name] = self._pulse(node, loaded.board, point, profile, number)

    def truth(self, point):
        if point.name in self.pulses:
            return self.pulses[point.name].dial.at(-2, "m3").value / Decimal(100)
        meter = self._around.bus_meters.get(point.name)
        return meter and Decimal(meter.truth[meter.index].split()[0])

    def unit(self, point):
        return "m3" if point.name in self.pulses else self._around.bus_meters[point.name].unit

    def _pulse(self, node, board, point, profile, number):
        electronic = profile.min_active_ms < 1
        return PulseMeter(
            Contact(node, self._around, point.wired_to),
            board.pulse_inputs[point.wired_to].gpio,
            litres_per_pulse=int(profile.m3_per_pulse * 1000),
            flow_l_per_h=int(profile.max_flow_m3_per_h * 900),
            base_reading_l=int(Decimal(point.base_reading) * 1000),
            bounce_ns=0 if electronic else 1_000_000,
            seed=number,
        )
