"""The buses of meters: who is asked at which address, at which rate, in how long a round, from
which supply."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sibiao.config import schema
from sibiao.config.check import rounds
from sibiao.config.device.buses import INDEX, max_age_s, points_by_bus
from sibiao.config.load import Loaded
from sibiao.config.problems import Problem

_UNIT_LOAD_MA = 1.5  # EN 13757-2: what a meter draws from the bus
_PRIMARY_MOST = 250


def addressed(loaded: Loaded) -> Iterator[Problem]:
    """A meter without the address that its link needs, or with one that it has no use for."""
    for n, point in enumerate(loaded.community.points):
        link = loaded.meters[point.meter].link
        given = [
            k for k in ("meter_address", "secondary_address", "fabrication") if getattr(point, k)
        ]
        at = loaded.at("points", n, *given[:1])
        if link in ("transparent", "pulse"):
            if given:
                why = "is only passed through to" if link == "transparent" else "sends pulses"
                text = (
                    f"{point.name}: meter {point.meter!r} {why}, so it is never asked by address"
                )
                yield Problem(at, text, f"leave {', '.join(given)} out")
        elif link == "cjt188":
            if len(point.meter_address or "") != 14:
                yield Problem(
                    at, f"{point.name}: a CJ/T 188 meter needs its meter_address (14 digits)"
                )
            if wrong := [key for key in given if key != "meter_address"]:
                at = loaded.at("points", n, wrong[0])
                text = f"{point.name}: {' and '.join(wrong)} is for M-Bus meters"
                yield Problem(at, text, "a CJ/T 188 meter has its meter_address only")
        else:
            yield from _mbus(loaded, n, point)


def _mbus(loaded: Loaded, n: int, point: schema.Point) -> Iterator[Problem]:
    primary, secondary = point.meter_address, point.secondary_address
    meter = loaded.meters[point.meter]
    if (primary is None) == (secondary is None):
        yield Problem(
            loaded.at("points", n, "meter_address"),
            f"{point.name}: an M-Bus meter needs either its meter_address (primary, 0 to "
            f"{_PRIMARY_MOST}) or its secondary_address",
        )
    if point.fabrication is not None and secondary is None:
        at = loaded.at("points", n, "fabrication")
        yield Problem(at, f"{point.name}: fabrication goes with a secondary_address")
    if primary is not None and (len(primary) > 3 or int(primary) > _PRIMARY_MOST):
        at = loaded.at("points", n, "meter_address")
        text = f"{point.name}: meter_address {primary!r} is no primary address"
        yield Problem(at, text, f"0 to {_PRIMARY_MOST}")
    if meter.switch_baud == (point.line or meter.line).baud:
        text = f"{point.name}: switch_baud = {meter.switch_baud} is the rate of its line already"
        hint = f"it stands in {loaded.meter_at(point.meter, 'switch_baud')}"
        yield Problem(loaded.at("points", n, "line"), text, "leave it out, or set another", hint)


def shared(loaded: Loaded) -> Iterator[Problem]:
    """Two points that one meter, or two meters at once, would answer."""
    for name, points in points_by_bus(loaded).items():
        for (first, one), (second, other) in combinations(points, 2):
            if loaded.meters[one.meter].link == loaded.meters[other.meter].link and _meet(
                one, other
            ):
                key = "secondary_address" if other.secondary_address else "meter_address"
                yield Problem(
                    loaded.at("points", second - 1, key),
                    f"{one.name} and {other.name} have one address on {name!r}: "
                    f"{_asked_at(other)}",
                    "each needs its own",
                    f"{one.name} has it in {loaded.at('points', first - 1, key)}",
                )


def _meet(one: schema.Point, other: schema.Point) -> bool:
    if one.secondary_address and other.secondary_address:
        if one.fabrication and other.fabrication and one.fabrication != other.fabrication:
            return False
        return _overlap(one.secondary_address, other.secondary_address)
    if one.meter_address is None:
        return False
    # A meter that is read by two profiles is meant.
    return one.meter_address == other.meter_address and (
        one.meter == other.meter or len(one.meter_address) < 14
    )


def _overlap(one: str, other: str) -> bool:
    """F stands for any digit of the identification, FF for any byte of the rest."""
    digits = zip(one[:8], other[:8], strict=True)
    if any(a != b and "F" not in (a, b) for a, b in digits):
        return False
    pairs = [(one[k : k + 2], other[k : k + 2]) for k in range(8, 16, 2)]
    return all(a == b or "FF" in (a, b) or "" in (a, b) for a, b in pairs)


def _asked_at(point: schema.Point) -> str:
    asked = point.secondary_address or point.meter_address or point.name
    return asked + (f" with fabrication {point.fabrication}" if point.fabrication else "")


def settings(loaded: Loaded) -> Iterator[Problem]:
    """Meters of one bus that listen at different settings: the bus switches, and who hears a rate
    that is not its own may take noise for a frame."""
    for name, points in points_by_bus(loaded).items():
        lines: dict[str, tuple[int, schema.Point]] = {}
        for number, point in points:
            line = point.line or loaded.meters[point.meter].line
            lines.setdefault(f"{line.baud} 8{line.parity}1", (number, point))
        if len(lines) > 1:
            number, point = list(lines.values())[1]
            keys = ("points", number - 1, "line" if point.line else "meter")
            said = ", ".join(f"{each.name} {line}" for line, (_, each) in lines.items())
            yield Problem(
                loaded.at(*keys),
                f"the meters on {name!r} do not agree about the line: {said}",
                "each is asked at its own",
                "where they are really set alike, give the points the same line = { … }",
                "warning",
            )


def maxima(loaded: Loaded) -> Iterator[Problem]:
    """A maximum that says nothing of the meter's main index."""
    for n, point in enumerate(loaded.community.points):
        meter = loaded.meters[point.meter]
        if meter.link in ("cjt188", "mbus"):
            index, key, other, _ = INDEX["heat" if meter.medium == "heat" else "other"]
            if getattr(point, other) is not None:
                yield Problem(
                    loaded.at("points", n, other),
                    f"{point.name}: {other} says nothing of a {meter.medium} meter, whose index "
                    f"is its {index}",
                    f"use {key}",
                )


def load(loaded: Loaded) -> Iterator[Problem]:
    """More M-Bus meters than the board's supply feeds."""
    budget_ma = loaded.board.mbus_budget_ma
    for name, points in points_by_bus(loaded).items():
        meters = [loaded.meters[point.meter] for _, point in points]
        loads = sum(meter.unit_loads for meter in meters if meter.link == "mbus")
        if budget_ma is not None and loads * _UNIT_LOAD_MA > budget_ma:
            yield Problem(
                loaded.at("points", points[-1][0] - 1, "wired_to"),
                f"{loads} unit loads on {name!r} draw {loads * _UNIT_LOAD_MA:g} mA",
                f"the board feeds {budget_ma:g} mA: {int(budget_ma / _UNIT_LOAD_MA)} unit loads "
                f"of {_UNIT_LOAD_MA} mA",
                f"mbus_budget_ma stands in {loaded.board_at('mbus_budget_ma')}",
            )


def supply(loaded: Loaded) -> Iterator[Problem]:
    uplink = loaded.board.uarts.get("uplink")
    if uplink is not None and uplink.supply is not None:
        yield Problem(
            loaded.board_at("uarts", "uplink", "supply"),
            "uarts.uplink.supply switches the supply of a bus of meters, and the uplink has none",
            "leave it out",
        )


def interval(loaded: Loaded) -> Iterator[Problem]:
    """A round that takes longer than from its begin to the next one's: then rounds follow each
    other without a pause, and beyond the age at which values are unknown there are none left."""
    policy = loaded.community.policy
    every_s = policy.poll_every_s
    for name, points in points_by_bus(loaded).items():
        took_s = rounds.least_s(loaded, points)
        if took_s > every_s:
            polled = sum(loaded.meters[p.meter].link != "transparent" for _, p in points)
            yield Problem(
                loaded.at("policy", "poll_every_s"),
                f"a round over the {polled} meters on {name!r} takes {took_s:.1f} s at least, and "
                f"poll_every_s is {every_s}",
                f"it must be {int(took_s) + 1} or more",
                severity="error" if took_s > max_age_s(policy) else "warning",
            )
