"""A water meter that lives through a story of faults, and what the table requires of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from converter.model import alarms as alarm_bits

from sibiao.demo.scene import Scene
from sibiao.demo.water import Finding
from sibiao.node.contract import Node
from sibiao.sim.pulse.fault_cells import Outcome
from sibiao.sim.pulse.fault_table import complaints, outcome
from sibiao.sim.pulse.player import PulsePlayer
from sibiao.sim.pulse.story import Story
from sibiao.sim.pulse.train import Train
from sibiao.sim.quantity import Quantity
from sibiao.sim.truth_log import TruthLog
from sibiao.sim.uplink.dlt645_reading import ReadItem

_EVENTS = ("BACKFLOW", "TAMPER", "CABLE_CUT", "CABLE_SHORT", "MAGNET")
_PLAY = 1  # pulses: between the place where a contact is closed and where it is felt to be


class FaultyWater:
    """As `SteadyWater`, from the wire's first level to the story's end.

    `course` is what the dial shows: pulses since the story's beginning.
    """

    def __init__(self, node: Node, scene: Scene, told: Story, course: Train, alarms: ReadItem):
        self.title = f"fault {told.fault}"
        self.alarms = alarms
        self._node = node
        self._told = told
        self._course = course
        self._meter = scene.water
        self._player: PulsePlayer | None = None
        self.log = _Bounded([])
        node.set_pin(scene.water.gpio, told.wires["a"][0][1])

    @property
    def emitted(self) -> int:
        if self._player is None:
            return 0
        since_ns = self._node.clock.now_ns - self._player.began_ns
        return self._course[bisect_right(self._course, since_ns, key=lambda c: c[0]) - 1][1]

    @property
    def dial(self) -> Quantity:
        return self._shown(self.emitted)

    @property
    def settled(self) -> bool:
        return self._player is not None and self._player.done

    def start(self) -> None:
        if self._player is None:
            self._player = PulsePlayer(self._node, self._told, {"a": self._meter.gpio})
            missing, extra = outcome(self._told.fault, self._told.wiring).bound(self._told)
            off_by = range(-missing - _PLAY, extra + _PLAY + 1)
            self.log = _Bounded([self._log(off) for off in off_by])

    def stop(self) -> None:
        """A story is told to its end: half of it has no cell in the table."""

    def finding(self, counted: int | None, alarms: int) -> Finding:
        if counted is None:
            return Finding(("the converter's count of pulses was never read",))
        told = self._told
        must = outcome(told.fault, told.wiring)
        events = [name for name in _EVENTS if alarms >> getattr(alarm_bits, name) & 1]
        line = says(told, must, counted, events)
        missing, extra = must.bound(told)
        facts = {
            "fault": {
                "name": told.fault,
                "required": must.kind,
                "missing_allowed": missing,
                "extra_allowed": extra,
                "event_required": must.event or None,
                "events": events,
                "says": line,
            }
        }
        return Finding(complaints(told, counted, events), line, facts)

    def _shown(self, pulses: int) -> Quantity:
        meter = self._meter
        return Quantity(meter.base_reading_l + pulses * meter.litres_per_pulse, -3, "m3")

    def _log(self, off: int) -> TruthLog:
        began_ns = self._player.began_ns
        log = TruthLog(began_ns, self._shown(off), keep=len(self._course) + 1)
        for at_ns, pulses in self._course:
            log.set(began_ns + at_ns, self._shown(pulses + off))
        return log


def says(told: Story, must: Outcome, counted: int, events: Sequence[str]) -> str:
    """One line for whoever stands before the converter."""
    off = counted - told.dial
    found = "the register equals the dial"
    if off:
        found = f"{_pulses(abs(off))} {'too many' if off > 0 else 'missing'}"
    missing, extra = must.bound(told)
    bounds = [f"up to {n} {way}" for n, way in ((extra, "too many"), (missing, "missing")) if n]
    if bounds:
        allowed = f"; {' and '.join(bounds)} cannot be avoided"
    elif off:
        allowed = ", one is allowed" if abs(off) <= _PLAY else ", none is allowed"
    else:
        allowed = ", as it must"
    why = f": {must.why}" if must.why else ""
    alarms = f"; alarm {' and '.join(events)}" if events else ""
    if must.event and must.event not in events:
        alarms += f"; no alarm {must.event}, which is required"
    return f"{told.fault}: {found}{allowed}{why}{alarms}"


def _pulses(count: int) -> str:
    return f"{count} pulse{'s' * (count != 1)}"


class _Bounded:
    """A log of what the register may have been: the dial, and what the table allows around it."""

    def __init__(self, logs: Sequence[TruthLog]):
        self._logs = logs

    def held(self, reading: Quantity, since_ns: int, until_ns: int) -> bool:
        return any(log.held(reading, since_ns, until_ns) for log in self._logs)
