"""A draft community from what a scan found: what it can say is said, checked as the real thing;
what a person must say is marked FILL IN."""

from __future__ import annotations

import tomllib
from collections import Counter

from pydantic import ValidationError

from sibiao.bus.found import Meter, Report
from sibiao.config import load, schema
from sibiao.config.constants import config_source
from sibiao.errors import SibiaoError

_HEAD = """\
# A draft from `sibiao scan` of {bus}. Whatever says FILL IN is a guess.
schema = 1
title = "Found on {bus}"  # FILL IN: where this is
board = "{board}"
uplink = "{uplink}"
serial = "DRAFT0001"  # FILL IN: this converter's
address = "000000000001"  # FILL IN: the converter's station address

[policy]
poll_every_s = 60
"""
_FIRST_STATION = 101
_UNTOLD = (
    "nothing tells it from its neighbours for a poll: give it a primary address of its own, "
    "then scan again"
)


def draft(report: Report, board: str, uplink: str, wired_to: str) -> str:
    """The text of a community file that the project's own check accepts. SibiaoError when no
    meter was found that a profile reads."""
    names, blocks, points = Counter(), [], 0
    for meter in report.meters:
        lines = _point(report, meter, names, _FIRST_STATION + points, wired_to)
        why_not = _why_not(meter, lines)
        if why_not:
            blocks.append("\n".join([f"# {_title(meter)}", f"# {why_not}"]))
            continue
        points += 1
        blocks.append("\n".join([*_remarks(meter), *lines]))
    if not points:
        raise SibiaoError(
            "there is no draft to write: a community needs at least one meter that a profile reads"
        )
    bus = "".join(c for c in report.bus if c.isprintable() and c not in '"\\')
    text = "\n".join([_HEAD.format(bus=bus, board=board, uplink=uplink), "\n\n".join(blocks), ""])
    _check(text)
    return text


def _point(report: Report, meter: Meter, names: Counter, station: int, wired_to: str) -> list[str]:
    if not meter.best:
        return []
    profile = load.read("meters", meter.best.profile)
    address = _address(report, meter)
    if address is None:
        return []
    names[profile.medium] += 1
    lines = [
        "[[points]]",
        f'name = "{profile.medium}-{names[profile.medium]}"  # FILL IN: as the house calls it',
        f'address = "{station:012d}"  # FILL IN: the station address of this point',
        f'meter = "{meter.best.profile}"',
        f'wired_to = "{wired_to}"',
        address,
    ]
    if (profile.line.baud, profile.line.parity) != (meter.baud, meter.parity):
        lines.append(f'line = {{ baud = {meter.baud}, parity = "{meter.parity}" }}')
    return lines


def _address(report: Report, meter: Meter) -> str | None:
    """How a poll finds this meter and no other."""
    if meter.link == "cjt188":
        return f'meter_address = "{meter.address}"'
    others = [m for m in report.meters if m.link == "mbus" and m is not meter]
    alone = not any(m.primary == meter.primary for m in others)
    if meter.by_primary and meter.primary and alone:
        return f'meter_address = "{meter.primary}"'
    if meter.by_secondary and not any(m.secondary == meter.secondary for m in others):
        return f'secondary_address = "{meter.secondary_text}"'
    if meter.fabrication:
        numbers = (meter.secondary_text, meter.fabrication)
        return 'secondary_address = "{}"\nfabrication = "{}"'.format(*numbers)
    return f'meter_address = "{meter.primary}"' if meter.by_primary and alone else None


def _why_not(meter: Meter, lines: list[str]) -> str | None:
    """Why a meter cannot be a point."""
    if not meter.telegrams:
        return "it gave no reading"
    if not meter.best:
        return f"no profile fits: {decode_command(meter)}"
    if not lines:
        return _UNTOLD
    try:
        schema.Point.model_validate(tomllib.loads("\n".join(lines))["points"][0])
    except ValidationError as error:
        return "; ".join(e["msg"] for e in error.errors())
    return None


def decode_command(meter: Meter) -> str:
    return f"sibiao decode --link {meter.link} {meter.telegrams[0].hex().upper()}"


def _title(meter: Meter) -> str:
    number = meter.address if meter.link == "cjt188" else meter.secondary_text or meter.primary
    return f"{meter.link} {number} at {meter.baud} 8{meter.parity}1"


def _remarks(meter: Meter) -> list[str]:
    lines = [f"# {_title(meter)}; when it was found: {meter.best.shown(3)}"]
    if meter.fits[1:]:
        lines.append("# also fits: " + ", ".join(fit.profile for fit in meter.fits[1:]))
    return lines


def _check(text: str) -> None:
    community = schema.Community.model_validate(tomllib.loads(text))
    board = load.read("boards", community.board)
    config_source(
        load.Loaded(
            name="draft",
            community=community,
            board=board,
            chip=load.chip_of(board),
            uplink=load.read("uplinks", community.uplink),
            meters={p.meter: load.read("meters", p.meter) for p in community.points},
        )
    )
