"""The points of a community among each other and against the board that they are wired to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sibiao.config.device.pulses import on_dial, wires_of
from sibiao.config.files.document import Key
from sibiao.config.load import Loaded
from sibiao.config.problems import Problem, meant
from sibiao.config.schema.community import Point


def addresses(loaded: Loaded) -> Iterator[Problem]:
    """An address on the way up that two have, the converter among them."""
    claims = [("the converter", loaded.community.address, ("address",))]
    claims += [(p.name, p.address, ("points", n, "address")) for n, p in _points(loaded)]
    yield from once(loaded, "address", claims)


def names(loaded: Loaded) -> Iterator[Problem]:
    claims = [(f"point {n + 1}", p.name, ("points", n, "name")) for n, p in _points(loaded)]
    yield from once(loaded, "name", claims)


def inputs(loaded: Loaded) -> Iterator[Problem]:
    """An input of the board that two contacts are wired to."""
    claims = [(p.name, wire, keys) for _, p, wire, keys in wires(loaded)]
    yield from once(loaded, "pulse input", claims)


def wired(loaded: Loaded) -> Iterator[Problem]:
    """A wire to what the board does not have."""
    board = loaded.board
    for _, point, wire, keys in wires(loaded):
        if wire not in board.pulse_inputs:
            yield _no_such(loaded, point, wire, keys, "pulse_inputs")
    for n, point in _points(loaded):
        if loaded.meters[point.meter].link == "pulse":
            continue
        keys = ("points", n, "wired_to")
        if isinstance(point.wired_to, list):
            text = f"{point.name}: a meter on a bus is wired to one UART"
            yield Problem(loaded.at(*keys), text, "wired_to is one name")
        elif point.wired_to == "uplink":
            yield Problem(
                loaded.at(*keys),
                f"{point.name}: a meter is wired to 'uplink', where the electricity meter's "
                "channel is",
                "wire it to another UART of the board",
            )
        elif point.wired_to not in board.uarts:
            yield _no_such(loaded, point, point.wired_to, keys, "uarts")
    if "uplink" not in board.uarts:
        text = "the board has no 'uplink' among its uarts"
        yield Problem(loaded.board_at("uarts"), text, f"there are: {', '.join(board.uarts)}")


def contacts(loaded: Loaded) -> Iterator[Problem]:
    """As many wires as the meter has contacts, and two that overlap on inputs of one kind."""
    for n, point in _points(loaded):
        meter = loaded.meters[point.meter]
        if meter.link != "pulse":
            continue
        at = loaded.at("points", n, "wired_to")
        named = wires_of(point)
        wanted = 1 if meter.contacts == "single" else 2
        if len(named) != wanted:
            yield Problem(
                at,
                f"{point.name}: meter {point.meter!r} has {wanted} contact{'s' * (wanted > 1)} "
                f"({meter.contacts}), and wired_to names {len(named)} "
                f"input{'s' * (len(named) > 1)}",
            )
        elif meter.contacts == "quadrature" and set(named) <= set(loaded.board.pulse_inputs):
            yield from _pair(loaded, point, named, at)


def _pair(loaded: Loaded, point: Point, named: list[str], at) -> Iterator[Problem]:
    a, b = (loaded.board.pulse_inputs[name] for name in named)
    both = " and ".join(named)
    same = (a.source, a.active, a.pull_up) == (b.source, b.active, b.pull_up)
    if not same or a.source not in ("pio", "irq"):
        yield Problem(
            at,
            f"{point.name}: two overlapping contacts need two inputs of the same kind, pio or "
            f"irq, and {both} are {a.source} ({a.active}) and {b.source} ({b.active})",
            hint=f"they stand in {_both(loaded, named)}",
        )
    elif a.source == "pio" and (isinstance(a.gpio, str) or abs(a.gpio - b.gpio) != 1):
        yield Problem(
            at,
            f"{point.name}: two overlapping contacts on pio need neighbouring pins, and {both} "
            f"are GPIO {a.gpio} and {b.gpio}",
            hint=f"they stand in {_both(loaded, named)}",
        )


def _both(loaded: Loaded, named: list[str]) -> str:
    return " and ".join(str(loaded.board_at("pulse_inputs", name)) for name in named)


def base_readings(loaded: Loaded) -> Iterator[Problem]:
    """A reading that the meter's dial cannot show."""
    for n, point in _points(loaded):
        meter = loaded.meters[point.meter]
        if meter.link != "pulse":
            continue
        decimals = max(0, -meter.weight.exponent)
        if on_dial(point.base_reading, meter) is None:
            yield Problem(
                loaded.at("points", n, "base_reading"),
                f"{point.name}: base_reading {point.base_reading} does not fit the meter's dial "
                f"of {meter.dial_digits} digits, {decimals} of them decimals",
            )


def maxima(loaded: Loaded) -> Iterator[Problem]:
    """A point's own maximum where nothing judges by it."""
    for n, point in _points(loaded):
        link = loaded.meters[point.meter].link
        for key in ("max_flow_m3_per_h", "max_power_kw"):
            if getattr(point, key) is None:
                continue
            if link == "pulse":
                text = "a point's own maximum is for meters on a bus"
                todo = f"a pulse meter's stands in its profile, {point.meter!r}"
            elif link == "transparent":
                text = f"meter {point.meter!r} is only passed through to, so nothing is judged"
                todo = "leave it out"
            else:
                continue
            yield Problem(loaded.at("points", n, key), f"{point.name}: {text}", todo)


def wires(loaded: Loaded) -> Iterator[tuple[int, Point, str, Key]]:
    """Point, input and where it is named: contacts, tamper switch, cable loop."""
    for n, point in _points(loaded):
        if loaded.meters[point.meter].link != "pulse":
            continue
        listed = isinstance(point.wired_to, list)
        for k, wire in enumerate(wires_of(point)):
            yield n, point, wire, ("points", n, "wired_to", *([k] if listed else []))
        for key in ("tamper", "cable"):
            if (wire := getattr(point, key)) is not None:
                yield n, point, wire, ("points", n, key)


def once(loaded: Loaded, what: str, claims: Iterable[tuple[str, str, Key]]) -> Iterator[Problem]:
    """What two of the community claim: who, what, and where it stands."""
    holders: dict[str, tuple[str, Key]] = {}
    for who, value, keys in claims:
        if value in holders:
            other, first = holders[value]
            yield Problem(
                loaded.at(*keys),
                f"{other} and {who} both have the {what} {value!r}",
                "each needs its own",
                f"{other} has it in {loaded.at(*first)}",
            )
        holders.setdefault(value, (who, keys))


def _no_such(loaded: Loaded, point: Point, wire: str, keys: Key, table: str) -> Problem:
    known = list(getattr(loaded.board, table))
    return Problem(
        loaded.at(*keys),
        f"{point.name}: board {loaded.community.board!r} has no {wire!r} among its {table}",
        f"there are: {', '.join(known) or 'none'}",
        meant(wire, known),
    )


def _points(loaded: Loaded) -> Iterator[tuple[int, Point]]:
    return enumerate(loaded.community.points)
