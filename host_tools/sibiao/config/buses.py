"""The buses of a community as the constants that the firmware reads: each line, its schedule, and
its meters, those with the same line settings next to each other."""

from __future__ import annotations

from decimal import Decimal

from sibiao.config import layouts, layouts_mbus, schema, terms
from sibiao.config.goldens import check_goldens
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError

PARITY = {"N": None, "E": 0, "O": 1}  # as machine.UART takes it
_MISSED_POLLS = 3  # a bus value older than this many poll intervals is unknown


def codes(meter: schema.BusMeter, name: str) -> bytes:
    """The quantities of a meter's point, the main index first: it is what freezes keep."""
    rows = layouts_mbus if isinstance(meter, schema.MbusMeter) else layouts
    held = [row[0] for row in rows.layout_rows(meter, name)]
    index = _index(meter)
    return bytes(sorted(held, key=lambda code: index is None or code != index[0]))


def max_age_s(policy: schema.Policy) -> int:
    return _MISSED_POLLS * (policy.poll_every_s + policy.poll_jitter_s)


def buses(loaded: Loaded) -> tuple:
    by_bus: dict[str, list[tuple[int, schema.Point]]] = {}
    for number, point in enumerate(loaded.community.points, 1):
        if loaded.meters[point.meter].link != "pulse":
            by_bus.setdefault(point.wired_to, []).append((number, point))
    return tuple(_bus(loaded, name, points) for name, points in by_bus.items())


def _bus(loaded: Loaded, name: str, points: list[tuple[int, schema.Point]]) -> tuple:
    uarts = loaded.board.uarts
    if name not in uarts:
        raise SibiaoError(
            f"board {loaded.community.board!r} has no {name!r} among its uarts; "
            f"there are: {', '.join(uarts) or 'none'}"
        )
    uart = uarts[name]
    policy = loaded.community.policy
    meters = [_meter(loaded, number, point) for number, point in points]
    meters.sort(key=lambda meter: (meter[1], str(meter[2])))
    settle_ms = max(loaded.meters[point.meter].settle_ms for _, point in points)
    return (
        (uart.uart, uart.tx, uart.rx, *meters[0][1:3]),
        (uart.direction, uart.supply, settle_ms),
        policy.poll_tries,
        (
            policy.poll_every_s,
            policy.poll_jitter_s,
            max(1, policy.poll_silent_every_s // policy.poll_every_s),
        ),
        tuple(meters),
    )


def _meter(loaded: Loaded, number: int, point: schema.Point) -> tuple:
    meter = loaded.meters[point.meter]
    where = f"community {loaded.name!r}, {point.name}"
    check_goldens(meter, point.meter)
    make = _mbus if isinstance(meter, schema.MbusMeter) else _cjt188
    line = meter.line
    asked = make(meter, point, where)
    return number, line.baud, PARITY[line.parity], _index(meter), meter.link, asked


def _index(meter: schema.BusMeter) -> tuple | None:
    """The main index: its quantity, and the most that it rises in an hour, in its base unit (of
    energy: Wh) as a number and a decimal exponent; 0 where the profile does not say."""
    held = {field.quantity for field in meter.fields}
    quantity = "energy" if meter.medium == "heat" else "volume"
    if quantity not in held:
        return None
    if quantity == "energy":
        most = Decimal(str(meter.max_power_kw or 0)) * 1000
    else:
        most = Decimal(str(meter.max_flow_m3_per_h or 0))
    _, digits, exponent = most.normalize().as_tuple()
    return terms.QUANTITIES[quantity], int("".join(map(str, digits))), exponent


def _cjt188(meter: schema.Cjt188Meter, point: schema.Point, where: str) -> tuple:
    if point.meter_address is None or len(point.meter_address) != 14:
        raise SibiaoError(f"{where}: a CJ/T 188 meter needs its meter_address (14 digits)")
    if point.secondary_address is not None:
        raise SibiaoError(f"{where}: secondary_address is for M-Bus meters")
    return (
        int(meter.request.type, 16),
        layouts.wire_address(meter, point.meter_address),
        layouts.ask(meter),
        layouts.layout(meter, point.meter),
    )


def _mbus(meter: schema.MbusMeter, point: schema.Point, where: str) -> tuple:
    primary, secondary = point.meter_address, point.secondary_address
    if (primary is None) == (secondary is None):
        raise SibiaoError(
            f"{where}: an M-Bus meter needs either its meter_address (primary, 0 to 250) or its "
            "secondary_address"
        )
    if primary is not None and (len(primary) > 3 or int(primary) > 250):
        raise SibiaoError(f"{where}: meter_address {primary!r} is no primary address, 0 to 250")
    return (
        layouts_mbus.primary(primary),
        secondary and layouts_mbus.secondary(secondary),
        b"".join(layouts_mbus.layout_rows(meter, point.meter)),
        layouts_mbus.quirks(meter),
        meter.telegrams,
    )
