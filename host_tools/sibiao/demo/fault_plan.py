"""Which story of a fault fits into a run, and which cannot be played on these wires."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from sibiao.config.load import Loaded
from sibiao.demo.dial_course import dial_course
from sibiao.demo.faulty_water import FaultyWater
from sibiao.demo.scene import register_of_water, wiring_of_water
from sibiao.demo.water import MakeWater
from sibiao.errors import SibiaoError
from sibiao.sim.pulse.fault_table import outcome
from sibiao.sim.pulse.faults import FAULTS, story
from sibiao.sim.pulse.story import Story
from sibiao.sim.pulse.wiring import Wiring
from sibiao.sim.wire import NS_PER_S

_RATE_HZ = 4
_PULSES = (8, 12, 16, 20, 24, 32, 40)  # the fewest that make a story, and what is enough
_AROUND_S = 8  # of a run before a story begins and after its end


@dataclass(frozen=True)
class Playable:
    """A fault as it can be ordered."""

    name: str
    register: str  # what is required of it
    least_s: int  # that a run takes
    happens: str


def playable(loaded: Loaded) -> Iterator[Playable]:
    """Every fault, on the wires of this community."""
    wiring = wiring_of_water(loaded)
    for fault, told in FAULTS.items():
        least_s = min(_run_s(t) for t in _stories(loaded, fault, wiring).values())
        must = outcome(fault, wiring)
        register = "bounded" if must.extra or must.missing else "exact"
        if must.event:
            register += f", {must.event}"
        yield Playable(fault, register, least_s, told.__doc__)


def faulty_water(loaded: Loaded, fault: str, seconds: float) -> tuple[MakeWater, str]:
    """The meter for a run of so many seconds with the longest story that fits, and what it is."""
    if fault not in FAULTS:
        near = difflib.get_close_matches(fault, FAULTS, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise SibiaoError(f"no fault named {fault!r}; {hint}sibiao demo --list-faults shows all")
    stories = _stories(loaded, fault, wiring_of_water(loaded))
    fitting = {pulses: told for pulses, told in stories.items() if _run_s(told) <= seconds}
    if not fitting:
        least_s = min(_run_s(told) for told in stories.values())
        raise SibiaoError(
            f"fault {fault!r} ({FAULTS[fault].__doc__}) does not fit into {seconds:g} s: "
            f"run it with --seconds {least_s} or more"
        )
    pulses, told = max(fitting.items())
    course = dial_course(told, pulses, _RATE_HZ)
    make = partial(
        FaultyWater, told=told, course=course, alarms=register_of_water(loaded, "alarms")
    )
    note = (
        f"Fault {fault}: {FAULTS[fault].__doc__} "
        f"({told.dial} pulses in {told.end_ns / NS_PER_S:.0f} s)"
    )
    return make, note


def _stories(loaded: Loaded, fault: str, wiring: Wiring) -> dict[int, Story]:
    try:
        return {p: story(fault, wiring, pulses=p, rate_hz=_RATE_HZ) for p in _PULSES}
    except ValueError as error:  # the fault and the meter's filter do not go together
        raise SibiaoError(
            f"fault {fault!r} cannot be played on the water meter of community {loaded.name!r}: "
            f"{error}; run it with the community 'sample'"
        ) from error


def _run_s(told: Story) -> int:
    return -(-told.end_ns // NS_PER_S) + _AROUND_S
