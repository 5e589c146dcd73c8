"""The buses of a community as the constants that the firmware reads: each line, its schedule, and
its meters, those with the same line settings next to each other."""

from __future__ import annotations

from decimal import Decimal

from converter.model import quantity

from sibiao.config import schema, terms
from sibiao.config.device import layouts, layouts_mbus, meter_alarms
from sibiao.config.load import Loaded

PARITY = {"N": None, "E": 0, "O": 1}  # as machine.UART takes it
# Main index: its quantity, what limits its rise, what does not, and the factor to base units.
INDEX = {
    "heat": ("energy", "max_power_kw", "max_flow_m3_per_h", 1000),
    "other": ("volume", "max_flow_m3_per_h", "max_power_kw", 1),
}
_MISSED_POLLS = 3  # a bus value older than this many poll intervals is unknown


def codes(meter: schema.BusMeter, name: str) -> bytes:
    """The quantities of a meter's point, the main index first: it is what freezes keep. None where
    nothing is decoded."""
    if isinstance(meter, schema.TransparentMeter):
        return b""
    of_mbus = isinstance(meter, schema.MbusMeter)
    rows = layouts_mbus if of_mbus else layouts
    held = [row[0] for row in rows.layout_rows(meter, name)]
    if of_mbus:
        held.append(quantity.HEADER_STATUS)
    index = terms.QUANTITIES[INDEX["heat" if meter.medium == "heat" else "other"][0]]
    return bytes(sorted(held, key=lambda code: code != index))


def max_age_s(policy: schema.Policy) -> int:
    return _MISSED_POLLS * (policy.poll_every_s + policy.poll_jitter_s)


def points_by_bus(loaded: Loaded) -> dict[str, list[tuple[int, schema.Point]]]:
    """Numbered points, by the names of their buses, in the order in which the device has these."""
    by_bus: dict[str, list[tuple[int, schema.Point]]] = {}
    for number, point in enumerate(loaded.community.points, 1):
        if loaded.meters[point.meter].link != "pulse":
            by_bus.setdefault(point.wired_to, []).append((number, point))
    return by_bus


def buses(loaded: Loaded) -> tuple:
    return tuple(_bus(loaded, name, points) for name, points in points_by_bus(loaded).items())


def _bus(loaded: Loaded, name: str, points: list[tuple[int, schema.Point]]) -> tuple:
    uart = loaded.board.uarts[name]
    policy = loaded.community.policy
    polled = [(n, p) for n, p in points if loaded.meters[p.meter].link != "transparent"]
    meters = [_meter(loaded, number, point) for number, point in polled]
    meters.sort(key=lambda meter: (meter[1], str(meter[2])))
    through = [_through(loaded, n, p) for n, p in points if (n, p) not in polled]
    settle_ms = max(loaded.meters[point.meter].settle_ms for _, point in points)
    first = (meters or through)[0]
    return (
        (uart.uart, uart.tx, uart.rx, *first[1:3]),
        (uart.direction, uart.supply, settle_ms),
        policy.poll_tries,
        (
            policy.poll_every_s,
            policy.poll_jitter_s,
            max(1, policy.poll_silent_every_s // policy.poll_every_s),
        ),
        tuple(through),
        tuple(meters),
    )


def _meter(loaded: Loaded, number: int, point: schema.Point) -> tuple:
    meter = loaded.meters[point.meter]
    make = _mbus if isinstance(meter, schema.MbusMeter) else _cjt188
    line = point.line or meter.line
    return (
        number,
        line.baud,
        PARITY[line.parity],
        _index(meter, point),
        meter_alarms.rows(meter, point.meter),
        meter.link,
        make(meter, point),
    )


def bus_address(meter: schema.BusMeter, point: schema.Point) -> bytes:
    """Whom the device asks, as its console takes it (app.meter_exchange)."""
    if not isinstance(meter, schema.MbusMeter):
        return _cjt188(meter, point)[1]
    primary, secondary, *_ = _mbus(meter, point)
    return bytes((primary,)) + (secondary or b"")


def _through(loaded: Loaded, number: int, point: schema.Point) -> tuple:
    """A point that is never polled: its line, and the pause that ends an answer."""
    meter = loaded.meters[point.meter]
    line = point.line or meter.line
    return number, line.baud, PARITY[line.parity], meter.quiet_ms


def _index(meter: schema.BusMeter, point: schema.Point) -> tuple | None:
    """The main index: its quantity, and the most that it rises in an hour, in its base unit (of
    energy: Wh) as a number and a decimal exponent; 0 where neither point nor profile says."""
    name, key, _, scale = INDEX["heat" if meter.medium == "heat" else "other"]
    if name not in {field.quantity for field in meter.fields}:
        return None
    most = Decimal(str(getattr(point, key) or getattr(meter, key) or 0)) * scale
    _, digits, exponent = most.normalize().as_tuple()
    return terms.QUANTITIES[name], int("".join(map(str, digits))), exponent


def _cjt188(meter: schema.Cjt188Meter, point: schema.Point) -> tuple:
    return (
        int(meter.request.type, 16),
        layouts.wire_address(meter, point.meter_address),
        layouts.ask(meter),
        layouts.layout(meter, point.meter),
        layouts.builder_flags(meter),
    )


def _mbus(meter: schema.MbusMeter, point: schema.Point) -> tuple:
    primary, secondary = point.meter_address, point.secondary_address
    return (
        layouts_mbus.primary(primary),
        secondary and layouts_mbus.secondary(secondary, point.fabrication),
        b"".join(layouts_mbus.layout_rows(meter, point.meter)),
        layouts_mbus.quirks(meter),
        meter.telegrams,
        meter.switch_baud or 0,
    )
