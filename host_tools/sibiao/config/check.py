"""What no file can be wrong in by itself: a community against its board."""

from __future__ import annotations

from collections.abc import Iterable

from sibiao.config import schema
from sibiao.config.load import Loaded
from sibiao.config.module import MODULE_PINS
from sibiao.config.pulses import wires_of
from sibiao.errors import SibiaoError

# The highest rate that each source is declared for, in pulses a second, while the uplink is read
# and totals are written to the slowest flash; measured by `make bench`, except the counter's,
# which is its chip's. What an erase costs `irq`, `poll` and `namur` is told apart.
DECLARED_HZ = {"pio": 100_000, "counter": 100_000, "irq": 20, "poll": 20, "namur": 20}
_BUS_PINS = ("scl", "sda", "sck", "mosi", "miso", "cs", "gpio")
_OUTPUTS = ("direction", "supply", *(f"{name} of module" for name in MODULE_PINS))
_COUNTER_MS = 0.012
_SAMPLES_MS = 10  # two looks of the pulse task at a sampled input


def check(loaded: Loaded) -> None:
    """SibiaoError when two points claim one address, one name or one pulse input."""
    community = loaded.community
    points = community.points
    addresses = [(p.name, p.address) for p in points]
    _once(loaded, "address", [("the converter", community.address), *addresses])
    _once(loaded, "name", [(f"point {n}", p.name) for n, p in enumerate(points, 1)])
    pulses = [p for p in points if loaded.meters[p.meter].link == "pulse"]
    wires = [(p.name, wire) for p in pulses for wire in (*wires_of(p), p.tamper, p.cable) if wire]
    _once(loaded, "pulse input", wires)
    _lines(loaded)
    _writes(loaded)
    for point in pulses:
        if point.max_flow_m3_per_h or point.max_power_kw:
            raise SibiaoError(
                f"community {loaded.name!r}, {point.name}: a point's own maximum is for meters on "
                f"a bus; a pulse meter's stands in its profile, {point.meter!r}"
            )
        _rate(loaded, point)
        _counter(loaded, point)
        _filter(loaded, point)


def _writes(loaded: Loaded) -> None:
    uplink, name = loaded.uplink, loaded.community.uplink
    _once(loaded, "identifier to be written", [(row.what, row.di) for row in uplink.writes])
    if uplink.writes and "write" not in uplink.services:
        raise SibiaoError(
            f"uplink {name!r} has [[writes]], and its services do not name 'write': add it, or "
            "take them out"
        )


def _lines(loaded: Loaded) -> None:
    board, points = loaded.board, loaded.community.points
    of_mbus = [p for p in points if loaded.meters[p.meter].link == "mbus"]
    for bus in {p.wired_to for p in of_mbus}:
        ours = [p for p in of_mbus if p.wired_to == bus]
        claims = [(p.name, _asked_at(p)) for p in ours]
        _once(loaded, f"meter's address on {bus!r},", claims)
    if any(p.wired_to == "uplink" for p in points):
        raise SibiaoError(
            f"community {loaded.name!r}: a meter is wired to 'uplink', where the electricity "
            "meter's channel is; wire it to another UART of the board"
        )
    if "uplink" in board.uarts and board.uarts["uplink"].supply is not None:
        raise SibiaoError(
            f"board {loaded.community.board!r}: uarts.uplink.supply switches the supply of a bus "
            "of meters, and the uplink has none; leave it out"
        )
    _switches(loaded)
    if (report := loaded.uplink.report) and report.spontaneous:
        _speaks_first(loaded)


def _speaks_first(loaded: Loaded) -> None:
    if loaded.board.uarts["uplink"].direction is not None:
        raise SibiaoError(
            f"uplink {loaded.community.uplink!r} reports spontaneously, and board "
            f"{loaded.community.board!r} has uarts.uplink.direction: on a line that others share "
            "the converter must not speak first; leave `spontaneous` out"
        )


def _asked_at(point: schema.Point) -> str:
    asked = point.secondary_address or point.meter_address or point.name
    return asked + (f" with fabrication {point.fabrication}" if point.fabrication else "")


def _switches(loaded: Loaded) -> None:
    # A pin that would drive what another part of the board is read from.
    board = loaded.board
    taken = [("led", board.led)]
    taken += [(f"pulse input {name!r}", each.gpio) for name, each in board.pulse_inputs.items()]
    for name, uart in board.uarts.items():
        taken += [
            (f"{what} of {name!r}", gpio)
            for what in ("tx", "rx", "direction", "supply")
            if (gpio := getattr(uart, what)) is not None
        ]
    for part in ("rtc", "fram", "supply", "button", "module"):
        pins = getattr(board, part)
        for key in (*_BUS_PINS, *MODULE_PINS):
            if getattr(pins, key, None) is not None:
                taken.append((f"{key} of {part}", getattr(pins, key)))
    for who, gpio in taken:
        others = [other for other, pin in taken if pin == gpio and other != who]
        if others and who.startswith(_OUTPUTS):
            raise SibiaoError(
                f"board {loaded.community.board!r}: {who} and {others[0]} are both on GPIO {gpio}"
            )


def _is_sampled(loaded: Loaded, point: schema.Point) -> bool:
    inputs = loaded.board.pulse_inputs
    return any(inputs[w].source in ("poll", "namur") for w in wires_of(point) if w in inputs)


def _rate(loaded: Loaded, point: schema.Point) -> None:
    meter = loaded.meters[point.meter]
    inputs = loaded.board.pulse_inputs
    for wire in wires_of(point):
        source = inputs[wire].source if wire in inputs else "pio"
        if meter.max_pulses_per_h > 3600 * DECLARED_HZ[source]:
            raise SibiaoError(
                f"meter {point.meter!r} gives up to {meter.max_pulses_per_h / 3600:.0f} pulses a "
                f"second, and input {wire!r} ({source}) is declared for {DECLARED_HZ[source]}; "
                "wire it to a faster source"
            )


def _counter(loaded: Loaded, point: schema.Point) -> None:
    # The peripheral has one filter for both levels, of 12 us at most.
    meter = loaded.meters[point.meter]
    inputs = loaded.board.pulse_inputs
    counted = [w for w in wires_of(point) if w in inputs and inputs[w].source == "counter"]
    if not counted:
        return
    widths_ms = (meter.min_active_ms, meter.min_idle_ms)
    if widths_ms[0] != widths_ms[1] or widths_ms[0] > _COUNTER_MS:
        raise SibiaoError(
            f"meter {point.meter!r}: the filters min_active_ms = {widths_ms[0]:g} and min_idle_ms "
            f"= {widths_ms[1]:g} are not for input {counted[0]!r}, a counter: it has one filter "
            f"for both, {_COUNTER_MS} ms at most; wire a contact that bounces to another source"
        )
    if loaded.board.counter_since is None:
        raise SibiaoError(
            f"board {loaded.community.board!r}: input {counted[0]!r} is a counter, and "
            "counter_since does not say from which MicroPython image on the board has one"
        )


def _filter(loaded: Loaded, point: schema.Point) -> None:
    meter = loaded.meters[point.meter]
    where = f"meter {point.meter!r}"
    for level in ("active", "idle"):
        width_ms = getattr(meter, f"min_{level}_ms")
        shortest_ms = getattr(meter, f"shortest_{level}_ms")
        if _is_sampled(loaded, point) and width_ms + _SAMPLES_MS > shortest_ms:
            raise SibiaoError(
                f"{where}: shortest_{level}_ms = {shortest_ms:g} is too short for the sampled "
                f"input of point {point.name!r}: it must be the filter min_{level}_ms = "
                f"{width_ms:g} and two samples ({_SAMPLES_MS} ms) more; wire it to another source"
            )
        if width_ms > shortest_ms:
            raise SibiaoError(
                f"{where}: the filter min_{level}_ms = {width_ms:g} is longer than the meter's "
                f"own shortest_{level}_ms = {shortest_ms:g}, so its pulses would be lost; make "
                "it shorter"
            )
    period_ms = 3600000 / meter.max_pulses_per_h
    if meter.shortest_active_ms + meter.shortest_idle_ms > period_ms:
        raise SibiaoError(
            f"{where}: at max_flow_m3_per_h = {meter.max_flow_m3_per_h:g} a pulse comes every "
            f"{period_ms:.3g} ms, which shortest_active_ms and shortest_idle_ms do not leave"
        )


def _once(loaded: Loaded, what: str, claims: Iterable[tuple[str, str]]) -> None:
    holders: dict[str, str] = {}
    for who, value in claims:
        if value in holders:
            raise SibiaoError(
                f"community {loaded.name!r}: {holders[value]} and {who} both have the "
                f"{what} {value!r}; each needs its own"
            )
        holders[value] = who
