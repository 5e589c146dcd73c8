"""The scene's water meter as the run and the verdict meet it, and the good one of every day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sibiao.demo.scene import Scene
from sibiao.node.contract import Node
from sibiao.sim.pulse.meter import PulseMeter
from sibiao.sim.quantity import Quantity
from sibiao.sim.uplink.dlt645_reading import ReadItem


class Log(Protocol):
    def held(self, reading: Quantity, since_ns: int, until_ns: int) -> bool:
        """May the converter have answered so, within the span?"""
        ...


@dataclass(frozen=True)
class Finding:
    """What the meter makes of what was counted in the end."""

    reasons: Sequence[str] = ()  # what is wrong
    line: str = ""  # for people, where there is more to say than the counts
    facts: dict = field(default_factory=dict)  # the same for programs


class Water(Protocol):
    """`emitted` is by how many pulses the dial moved since the run began."""

    title: str
    alarms: ReadItem | None  # the register to be read as well
    emitted: int
    dial: Quantity
    log: Log
    settled: bool  # nothing more will happen on the pin

    def start(self) -> None:
        """The converter is ready."""
        ...

    def stop(self) -> None:
        """No more pulses are wanted; those that must come still come."""
        ...

    def finding(self, counted: int | None, alarms: int) -> Finding:
        """`alarms` has a bit for each alarm that the converter latched."""
        ...


# A water meter for a run that begins now.
MakeWater = Callable[[Node, Scene], Water]


class SteadyWater(PulseMeter):
    """A good meter: every pulse is to be counted."""

    title = "one converter, end to end"
    alarms = None

    def __init__(self, node: Node, scene: Scene):
        super().__init__(
            node,
            scene.water.gpio,
            litres_per_pulse=scene.water.litres_per_pulse,
            flow_l_per_h=scene.water.flow_l_per_h,
            base_reading_l=scene.water.base_reading_l,
        )

    def finding(self, counted: int | None, alarms: int) -> Finding:
        if counted == self.emitted:
            return Finding()
        shown = "none" if counted is None else counted
        return Finding((f"{self.emitted} pulses were emitted, {shown} counted",))
