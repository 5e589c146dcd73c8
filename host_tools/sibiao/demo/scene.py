"""What stands around the converter in the demonstration, derived from a community's configuration.

A water meter on a pulse input, a heat meter on the bus, and an electricity meter that reads both.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sibiao.config import schema, terms
from sibiao.config.device.pulses import wires_of
from sibiao.config.load import Loaded
from sibiao.config.schema.pulse import PulseInput
from sibiao.errors import SibiaoError
from sibiao.sim.pulse.wiring import SINGLE, Wiring
from sibiao.sim.uplink.dlt645_reading import ReadItem
from sibiao.sim.wire import NS_PER_S

# What is read of each meter: quantity in configuration -> (short name, name in the simulator).
_OF_WATER = {"volume": ("index", "dial")}
_OF_HEAT = {
    "energy": ("energy", "heat"),
    "power": ("power", "power"),
    "flow": ("flow", "flow"),
    "volume": ("volume", "volume"),
    "supply_temperature": ("supply", "supply_temperature"),
    "return_temperature": ("return", "return_temperature"),
}


@dataclass(frozen=True)
class WaterMeter:
    gpio: int
    litres_per_pulse: int
    base_reading_l: int
    flow_l_per_h: int


@dataclass(frozen=True)
class HeatMeterOnBus:
    uart: int
    baud: int
    parity: str
    address: bytes  # as on the wire


@dataclass(frozen=True)
class UplinkLine:
    uart: int
    baud: int
    parity: str


@dataclass(frozen=True)
class Watched:
    """One reading that is followed from the dial to the electricity meter."""

    name: str  # of the metering point and the reading
    meter: str  # "water" or "heat"
    truth: str  # what the simulator calls it
    read: ReadItem  # as the electricity meter reads it, at the point's own address
    register: ReadItem  # the same register asked of the converter itself
    lag_ns: int  # how old a value may be when it is answered


@dataclass(frozen=True)
class Scene:
    community: str
    water: WaterMeter
    heat: HeatMeterOnBus
    uplink: UplinkLine
    points: tuple[Watched, ...]
    pulses: ReadItem  # the converter's own count of the water meter's pulses


def scene_of(loaded: Loaded, pulses_per_s: Fraction = Fraction(8, 5)) -> Scene:
    """The scene of a community with one pulse point and one CJ/T 188 heat point."""
    number_w, water = _only(loaded, "pulse", "water")
    number_h, heat = _only(loaded, "cjt188", "heat")
    litres = _litres_per_pulse(loaded.meters[water.meter])
    bus = loaded.meters[heat.meter].line
    # A pulse is taken at the next 100 ms and may wait for a flash write; a bus value is as old as
    # its poll, which is begun on the second after the interval and takes half a second.
    water_lag_ns = NS_PER_S
    heat_lag_ns = loaded.community.policy.poll_every_s * NS_PER_S + 5 * NS_PER_S // 2
    points = [
        _watched(loaded, number_w, water, "water", q, *names, water_lag_ns)
        for q, names in _OF_WATER.items()
    ] + [
        _watched(loaded, number_h, heat, "heat", q, *names, heat_lag_ns)
        for q, names in _OF_HEAT.items()
    ]
    return Scene(
        community=loaded.name,
        water=WaterMeter(
            gpio=_dry_contact(loaded, water).gpio,
            litres_per_pulse=litres,
            base_reading_l=int(Decimal(water.base_reading) * 1000),
            flow_l_per_h=int(3600 * litres * pulses_per_s),
        ),
        heat=HeatMeterOnBus(
            uart=loaded.board.uarts[heat.wired_to].uart,
            baud=bus.baud,
            parity=bus.parity,
            address=terms.wire(heat.meter_address),
        ),
        uplink=UplinkLine(
            uart=loaded.board.uarts["uplink"].uart,
            baud=loaded.uplink.line.baud,
            parity=loaded.uplink.line.parity,
        ),
        points=tuple(points),
        pulses=register_of_water(loaded, "pulses"),
    )


def register_of_water(loaded: Loaded, quantity: str) -> ReadItem:
    """A register of the water meter's point, asked of the converter itself."""
    number, _ = _only(loaded, "pulse", "water")
    return _item(quantity, loaded.community.address, _page_row(loaded, quantity), number)


def wiring_of_water(loaded: Loaded) -> Wiring:
    """How the water meter is wired, as the table of faults knows it."""
    _, point = _only(loaded, "pulse", "water")
    meter, contact = loaded.meters[point.meter], _dry_contact(loaded, point)
    if point.cable or point.tamper:
        raise SibiaoError(
            f"community {loaded.name!r}, point {point.name!r}: the demonstration plays faults of "
            "a contact without cable loop and cover contact: run it with the community 'sample'"
        )
    return Wiring(
        SINGLE,
        active=int(contact.active == "high"),
        sampled=contact.source == "poll",
        min_active_us=round(meter.min_active_ms * 1000),
        min_idle_us=round(meter.min_idle_ms * 1000),
    )


def _dry_contact(loaded: Loaded, point: schema.Point) -> PulseInput:
    contact = loaded.board.pulse_inputs[wires_of(point)[0]]
    wiring = "namur" if contact.source == "namur" else loaded.meters[point.meter].contacts
    if wiring != SINGLE:
        raise SibiaoError(
            f"community {loaded.name!r}, point {point.name!r}: the demonstration's water meter "
            f"has a single dry contact, and this one is wired {wiring!r}: run it with the "
            "community 'sample'"
        )
    return contact


def _only(loaded: Loaded, link: str, medium: str) -> tuple[int, schema.Point]:
    """The first point of this kind with its number; its number is its DI2 at the converter."""
    for number, point in enumerate(loaded.community.points, 1):
        meter = loaded.meters[point.meter]
        if (meter.link, meter.medium) == (link, medium):
            return number, point
    raise SibiaoError(
        f"community {loaded.name!r} has no {medium} meter on {link!r}, which the demonstration "
        "needs: run it with the community 'sample'"
    )


def _litres_per_pulse(meter: schema.PulseMeter) -> int:
    weight = meter.weight
    litres = Fraction(weight.numerator, weight.denominator) * Fraction(10) ** (weight.exponent + 3)
    if litres.denominator != 1:
        raise SibiaoError(
            f"meter {meter.title!r} gives {litres} L a pulse; the demonstration's water meter "
            "turns in whole litres: choose a community with such a meter"
        )
    return int(litres)


def _watched(
    loaded: Loaded,
    number: int,
    point: schema.Point,
    meter: str,
    quantity: str,
    short: str,
    truth: str,
    lag_ns: int,
) -> Watched:
    name = f"{point.name} {short}"
    page = _page_row(loaded, quantity)
    # The main index is read like an electricity meter's; the rest from the converter's own page,
    # where DI2 00 is whoever was addressed.
    is_main = quantity == ("energy" if meter == "heat" else "volume")
    main = [row for row in loaded.uplink.identifiers if _is_of(row, quantity)]
    main = [row for row in main if not row.is_by_point and row.unit == page.unit and is_main]
    return Watched(
        name=name,
        meter=meter,
        truth=truth,
        read=_item(name, point.address, main[0] if main else page, 0),
        register=_item(name, loaded.community.address, page, number),
        lag_ns=lag_ns,
    )


def _is_of(row: schema.Identifier, quantity: str) -> bool:
    return row.source == "value" and row.quantity == quantity


def _page_row(loaded: Loaded, quantity: str) -> schema.Identifier:
    for row in loaded.uplink.identifiers:
        if _is_of(row, quantity) and row.is_by_point:
            return row
    raise SibiaoError(
        f"uplink {loaded.community.uplink!r} has no identifier by point for {quantity!r}, which "
        "the demonstration reads: run it with the community 'sample'"
    )


def _item(name: str, address: str, row: schema.Identifier, number: int) -> ReadItem:
    return ReadItem(
        name=name,
        address=address,
        di=row.di.replace("**", f"{number:02X}"),
        digits=row.format.count("X"),
        decimals=terms.decimals(row.format),
        unit=row.unit,
        signed=row.signed,
    )
