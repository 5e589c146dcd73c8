"""What no file can be wrong in by itself, and what its schema cannot say: each check is a small
function that gives problems; here they are all named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sibiao.config import schema
from sibiao.config.check import lines, memory, meters, pins, points, pulses, uplink
from sibiao.config.load import Loaded
from sibiao.config.problems import Origin, Problem, Refused

At = Callable[..., Origin]

# (board, its chip, where its keys stand)
OF_BOARD = (
    pins.unverified,
    pins.twice,
    pins.missing,
    pins.able,
    pins.peripherals,
    pins.sources,
    pins.namur,
)
# (the file's content, its name, where its keys stand)
OF_UPLINK = (
    uplink.colliding,
    uplink.rows,
    uplink.written_twice,
    uplink.unwritten,
    uplink.events,
)
OF_PULSE_METER = (pulses.filters,)
OF_BUS_METER = (
    meters.fields,
    meters.published,
    meters.proven,
    meters.alarms,
    meters.maxima,
)
OF_COMMUNITY = (
    points.addresses,
    points.names,
    points.inputs,
    points.wired,
    points.contacts,
    points.base_readings,
    points.maxima,
    lines.addressed,
    lines.shared,
    lines.settings,
    lines.maxima,
    lines.load,
    lines.supply,
    lines.interval,
    pulses.rates,
    pulses.sampled,
    pulses.counters,
    pulses.machines,
    uplink.texts,
    uplink.room,
    uplink.speaks_first,
    memory.fram,
    memory.hold_up,
    memory.flash_life,
    memory.loss,
    memory.memory,
)


def of_board(board: schema.Board, chip: schema.Chip, at: At) -> Iterator[Problem]:
    for each in OF_BOARD:
        yield from each(board, chip, at)


def of_uplink(uplink: schema.Uplink, name: str, at: At) -> Iterator[Problem]:
    for each in OF_UPLINK:
        yield from each(uplink, name, at)


def of_meter(meter, name: str, at: At) -> Iterator[Problem]:
    checks = ()
    if isinstance(meter, schema.BusMeter):
        checks = OF_BUS_METER
    elif isinstance(meter, schema.PulseMeter):
        checks = OF_PULSE_METER
    for each in checks:
        yield from each(meter, name, at)


def of_community(loaded: Loaded) -> Iterator[Problem]:
    for each in OF_COMMUNITY:
        yield from each(loaded)


def problems(loaded: Loaded) -> Iterator[Problem]:
    """Of the community and of every file that it names."""
    yield from of_board(loaded.board, loaded.chip, loaded.board_at)
    yield from of_uplink(loaded.uplink, loaded.community.uplink, loaded.uplink_at)
    for name, meter in loaded.meters.items():
        yield from of_meter(meter, name, lambda *keys, name=name: loaded.meter_at(name, *keys))
    yield from of_community(loaded)


def check(loaded: Loaded) -> None:
    """Refused with every error; warnings are for `sibiao config check`."""
    if errors := [problem for problem in problems(loaded) if problem.is_error]:
        raise Refused(errors)
