"""Which registers of a community's uplink show its pulse totals, and what each must say."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from sibiao.config import terms
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError

_INDEX, _PULSES = "00010000", "E0{:02X}0900"


def pulse_points(loaded: Loaded) -> list[tuple[int, object]]:
    """(number, point) of each point that counts pulses."""
    points = [
        (number, point)
        for number, point in enumerate(loaded.community.points, 1)
        if loaded.meters[point.meter].link == "pulse"
    ]
    if not points:
        raise SibiaoError(
            f"community {loaded.name!r} has no metering point that counts pulses: "
            'there is nothing to simulate; name one whose meter has link = "pulse".'
        )
    return points


def registers(loaded: Loaded) -> list[tuple]:
    """(address, identifier, pulse input, offset, numerator, denominator) for each: the value is
    offset + pulses * numerator // denominator. The pulse totals first, in the points' order."""
    points = pulse_points(loaded)
    own = loaded.community.address
    rows = [(own, _PULSES.format(n), i, 0, 1, 1) for i, (n, _) in enumerate(points)]
    decimals = _decimals(loaded)
    for i, (_, point) in enumerate(points):
        weight = loaded.meters[point.meter].weight
        unit = Fraction(10) ** (weight.exponent + decimals)
        share = Fraction(weight.numerator, weight.denominator) * unit
        offset = Decimal(point.base_reading).scaleb(decimals)
        if offset != int(offset):
            raise SibiaoError(
                f"community {loaded.name!r}, {point.name}: base_reading {point.base_reading} "
                f"has more decimals than the register {_INDEX} ({decimals})."
            )
        row = (point.address, _INDEX, i, int(offset), share.numerator, share.denominator)
        rows.append(row)
    return rows


def _decimals(loaded: Loaded) -> int:
    for row in loaded.uplink.identifiers:
        if row.di == _INDEX and row.quantity == "volume":
            return terms.decimals(row.format)
    raise SibiaoError(
        f"uplink {loaded.community.uplink!r} has no identifier {_INDEX} with a volume: "
        "the simulation reads the totals by it."
    )
