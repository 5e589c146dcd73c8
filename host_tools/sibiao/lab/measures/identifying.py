"""How a module says who it is when nobody knows its address (annex A), and how soon."""

from __future__ import annotations

from dataclasses import dataclass

from converter.model import point

from sibiao.lab.measures.power_cuts import START_LIMIT_S
from sibiao.lab.stands.reading import Uplink
from sibiao.lab.stands.stand import Stand
from sibiao.sim.uplink.dlt645_reading import PREAMBLE, find_frame, made_frame, plain_data

_READ_ADDRESS = 0x13
_TOLD_S = 3  # until its registers about itself are told anew


@dataclass(frozen=True)
class Identified:
    """`foreign_answered`: bytes after a request for another address."""

    address_right: bool
    data_right: bool
    foreign_answered: int


def identified(stand: Stand) -> Identified:
    """13H to anybody, and to another."""
    heard, _ = stand.uplink_exchange(PREAMBLE + made_frame("A" * 12, _READ_ADDRESS))
    frame = find_frame(heard)
    bound = _bound(stand)
    told = frame[6:0:-1].hex() if frame else ""
    foreign = f"{(int(bound) + 77) % 10**12:012}"
    return Identified(
        told == bound and frame[8] == _READ_ADDRESS | 0x80,
        frame is not None and plain_data(frame)[::-1].hex() == bound,
        len(stand.uplink_exchange(PREAMBLE + made_frame(foreign, _READ_ADDRESS))[0]),
    )


def _bound(stand: Stand) -> str:
    community = stand.loaded.community
    return community.points[0].address if community.bind == "point" else community.address


@dataclass(frozen=True)
class Started:
    """`awake_s`: from the supply's coming to the first answer; None: none came. `starts`: more
    than before; `cause` 1: the supply. `gaps`: points that say that they may have missed
    something, of `points`."""

    awake_s: float | None
    starts: int
    cause: int
    events: int
    gaps: int
    points: int


def started(stand: Stand) -> Started:
    """After a power cut, asked as a communication module asks that looks for its meter."""
    uplink = Uplink(stand)
    before, events = uplink.count("starts", 0) or 0, uplink.count("events", 0) or 0
    pulses = _pulse_numbers(stand)
    stand.power_cut()
    awake_s = uplink.awake(START_LIMIT_S)
    stand.run(_TOLD_S)
    statuses = [uplink.count("status", number) or 0 for number in pulses]
    return Started(
        awake_s,
        (uplink.count("starts", 0) or 0) - before,
        uplink.count("reset_cause", 0) or 0,
        (uplink.count("events", 0) or 0) - events,
        sum(bool(status & point.GAP) for status in statuses),
        len(pulses),
    )


def _pulse_numbers(stand: Stand) -> list[int]:
    points = enumerate(stand.loaded.community.points, 1)
    return [n for n, each in points if stand.loaded.meters[each.meter].link == "pulse"]
