"""Pulses: can the input that a meter is wired to count them all, and nothing else?"""

from __future__ import annotations

from collections.abc import Iterator

from sibiao.config.device.pulses import wires_of
from sibiao.config.load import Loaded
from sibiao.config.problems import Problem
from sibiao.config.schema.community import Point
from sibiao.config.schema.pulse import PulseInput, PulseMeter

# The highest rate that each source is declared for, in pulses a second, while the uplink is read
# and totals are written to the slowest flash; measured by `make bench`, except the counter's,
# which is its chip's. What an erase costs `irq`, `poll` and `namur` is told apart.
DECLARED_HZ = {"pio": 100_000, "counter": 100_000, "irq": 20, "poll": 20, "namur": 20}
_COUNTER_MS = 0.012
_SAMPLES_MS = 10  # two looks of the pulse task at a sampled input
# State machines as hal.pulse_pio and hal.pair_pio take them: pairs fill one block of four.
_MACHINES, _BLOCK = 8, 4


def filters(meter: PulseMeter, name: str, at) -> Iterator[Problem]:
    """A filter that swallows pulses, or pulses that the largest flow leaves no room for."""
    for level in ("active", "idle"):
        width_ms = getattr(meter, f"min_{level}_ms")
        shortest_ms = getattr(meter, f"shortest_{level}_ms")
        if width_ms > shortest_ms:
            yield Problem(
                at(f"min_{level}_ms"),
                f"the filter min_{level}_ms = {width_ms:g} is longer than the meter's own "
                f"shortest_{level}_ms = {shortest_ms:g}, so its pulses would be lost",
                f"{shortest_ms:g} at most",
            )
    period_ms = 3600000 / meter.max_pulses_per_h
    least_ms = meter.shortest_active_ms + meter.shortest_idle_ms
    if least_ms > period_ms:
        yield Problem(
            at("max_flow_m3_per_h"),
            f"at max_flow_m3_per_h = {meter.max_flow_m3_per_h:g} a pulse comes every "
            f"{period_ms:.3g} ms, and shortest_active_ms and shortest_idle_ms are {least_ms:g} "
            "together",
            f"the flow is {meter.max_flow_m3_per_h * period_ms / least_ms:.3g} at most",
        )


def rates(loaded: Loaded) -> Iterator[Problem]:
    """A meter that is faster than its input is declared for, or than the board lets through."""
    for n, point, wire, each in _counted(loaded):
        hz = loaded.meters[point.meter].max_pulses_per_h / 3600
        at = loaded.at("points", n, "wired_to")
        said = f"{point.name}: meter {point.meter!r} gives up to {hz:.3g} pulses a second"
        if hz > DECLARED_HZ[each.source]:
            yield Problem(
                at,
                f"{said}, and input {wire!r} ({each.source}) is declared for "
                f"{DECLARED_HZ[each.source]}",
                "wire it to a faster source",
            )
        if each.max_hz is not None and hz > each.max_hz:
            yield Problem(
                at,
                f"{said}, and the board lets {each.max_hz:g} through to input {wire!r}",
                f"max_hz stands in {loaded.board_at('pulse_inputs', wire, 'max_hz')}",
            )


def sampled(loaded: Loaded) -> Iterator[Problem]:
    """A pulse that may fall between two looks at an input that is only looked at."""
    for n, point, wire, each in _counted(loaded):
        meter = loaded.meters[point.meter]
        if each.source not in ("poll", "namur"):
            continue
        for level in ("active", "idle"):
            least_ms = getattr(meter, f"min_{level}_ms") + _SAMPLES_MS
            shortest_ms = getattr(meter, f"shortest_{level}_ms")
            if least_ms > shortest_ms:
                yield Problem(
                    loaded.at("points", n, "wired_to"),
                    f"{point.name}: shortest_{level}_ms = {shortest_ms:g} of meter "
                    f"{point.meter!r} is too short for the sampled input {wire!r}",
                    f"it must be {least_ms:g}: the filter min_{level}_ms and two samples "
                    f"({_SAMPLES_MS} ms)",
                    "wire it to another source",
                )


def counters(loaded: Loaded) -> Iterator[Problem]:
    """A counting unit has one filter for both levels, of 12 us at most."""
    named = [each for each in _counted(loaded) if each[3].source == "counter"]
    for n, point, wire, _ in named:
        meter = loaded.meters[point.meter]
        active_ms, idle_ms = meter.min_active_ms, meter.min_idle_ms
        if active_ms != idle_ms or active_ms > _COUNTER_MS:
            yield Problem(
                loaded.at("points", n, "wired_to"),
                f"{point.name}: the filters min_active_ms = {active_ms:g} and min_idle_ms = "
                f"{idle_ms:g} of meter {point.meter!r} are not for input {wire!r}, a counter",
                f"it has one filter for both, {_COUNTER_MS} ms at most",
                "wire a contact that bounces to another source",
            )
    units = loaded.chip.counters
    if units and len(named) > units:
        text = f"{len(named)} inputs are counters, and {loaded.chip.title} has {units}"
        yield Problem(loaded.at("points", named[units][0], "wired_to"), text)


def machines(loaded: Loaded) -> Iterator[Problem]:
    """More inputs on pio than there are state machines."""
    singles, pairs = [], []
    for n, point, wire, each in _counted(loaded):
        if each.source == "pio":
            is_pair = loaded.meters[point.meter].contacts == "quadrature"
            (pairs if is_pair else singles).append((n, wire))
    most = _MACHINES - (_BLOCK if pairs else 0)
    for some, limit, what in ((singles, most, "inputs"), (pairs[::2], _BLOCK, "pairs")):
        if len(some) > limit:
            beside = " beside pairs" if pairs and some is singles else ""
            yield Problem(
                loaded.at("points", some[limit][0], "wired_to"),
                f"{len(some)} {what} are counted by pio",
                f"{limit} at most{beside}",
                "wire the slow ones to irq",
            )


def _counted(loaded: Loaded) -> Iterator[tuple[int, Point, str, PulseInput]]:
    """Point, the name of an input that its contacts are wired to, and that input."""
    for n, point in enumerate(loaded.community.points):
        if loaded.meters[point.meter].link == "pulse":
            for wire in wires_of(point):
                if wire in loaded.board.pulse_inputs:
                    yield n, point, wire, loaded.board.pulse_inputs[wire]
