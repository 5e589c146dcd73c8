"""What no file can be wrong in by itself, and what its schema cannot say: each check is a small
function that gives problems; here they are all named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sibiao.config import (
    check_lines,
    check_memory,
    check_meters,
    check_pins,
    check_points,
    check_pulses,
    check_uplink,
    schema,
)
from sibiao.config.load import Loaded
from sibiao.config.problems import Origin, Problem, Refused

At = Callable[..., Origin]

# (board, its chip, where its keys stand)
OF_BOARD = (
    check_pins.unverified,
    check_pins.twice,
    check_pins.missing,
    check_pins.able,
    check_pins.peripherals,
    check_pins.sources,
    check_pins.namur,
)
# (the file's content, its name, where its keys stand)
OF_UPLINK = (
    check_uplink.colliding,
    check_uplink.rows,
    check_uplink.written_twice,
    check_uplink.unwritten,
    check_uplink.events,
)
OF_PULSE_METER = (check_pulses.filters,)
OF_BUS_METER = (
    check_meters.fields,
    check_meters.published,
    check_meters.proven,
    check_meters.alarms,
    check_meters.maxima,
)
OF_COMMUNITY = (
    check_points.addresses,
    check_points.names,
    check_points.inputs,
    check_points.wired,
    check_points.contacts,
    check_points.base_readings,
    check_points.maxima,
    check_lines.addressed,
    check_lines.shared,
    check_lines.settings,
    check_lines.maxima,
    check_lines.load,
    check_lines.supply,
    check_lines.interval,
    check_pulses.rates,
    check_pulses.sampled,
    check_pulses.counters,
    check_pulses.machines,
    check_uplink.texts,
    check_uplink.room,
    check_uplink.speaks_first,
    check_memory.fram,
    check_memory.hold_up,
    check_memory.flash_life,
    check_memory.loss,
    check_memory.memory,
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
