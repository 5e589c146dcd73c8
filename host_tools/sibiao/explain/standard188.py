"""CJ/T 188-2004 in tables: names, the layouts of the standard, what its services carry."""

from __future__ import annotations

from functools import cache

from converter.link import cjt188 as link
from converter.meters import cjt188_services as services

from sibiao.config.schema.cjt188 import Cjt188Meter

TYPES = {
    0x10: "cold water",
    0x11: "hot water",
    0x12: "drinking water",
    0x13: "reclaimed water",
    0x20: "heat",
    0x21: "cooling",
    0x22: "heat and cooling",
    0x25: "heat, ultrasonic",
    0x26: "cooling, ultrasonic",
    0x27: "heat and cooling, ultrasonic",
    0x30: "gas",
    0x40: "electricity",
    0xAA: "any type",
}
FUNCTIONS = {
    link.READ_DATA: "read data",
    link.READ_ADDRESS: "read address",
    link.WRITE_DATA: "write data",
    link.READ_KEY_VERSION: "read key version",
    link.WRITE_ADDRESS: "write address",
    link.WRITE_SYNC: "write motor sync",
}
IDENTIFIERS = {
    services.CURRENT: "current data",
    services.PRICES: "price table",
    services.SETTLEMENT_DAY: "settlement day",
    services.READING_DAY: "reading day",
    services.PURCHASE: "purchase",
    services.KEY_VERSION: "key version",
    services.NUMBER: "address",
    0xA010: "write price table",
    0xA011: "write settlement day",
    0xA012: "write reading day",
    0xA013: "write purchase",
    0xA014: "write key",
    services.STANDARD_TIME: "write standard time",
    services.SYNC: "write motor sync",
    services.VALVE: "valve control",
    services.NEW_NUMBER: "write address",
    0xA019: "enable after manufacture",
}
for _month in range(12):
    IDENTIFIERS[services.HISTORY + _month] = f"settled {_month + 1} month{'s' * (_month > 0)} ago"

# What a service carries: quantity, bytes, how it is written (decimals of a BCD number, or a name),
# unit, storage. Amounts of money have no decimals that a published telegram confirms.
_PRICES = [
    ("price", 3, 2, "元", 1),
    ("price_limit", 3, 0, "", 1),
    ("price", 3, 2, "元", 2),
    ("price_limit", 3, 0, "", 2),
    ("price", 3, 2, "元", 3),
]
_DAY = {"SETTLEMENT": ("settlement_day", 1, 0, "", 0), "READING": ("reading_day", 1, 0, "", 0)}
_STATUS = ("status", 2, "status", "", 0)
_ADDRESS = ("address", 7, "address", "", 0)

REQUESTS = {
    0xA010: [*_PRICES, ("price_start_day", 1, 0, "", 0)],
    0xA011: [_DAY["SETTLEMENT"]],
    0xA012: [_DAY["READING"]],
    0xA013: [("purchase_number", 1, "bytes", "", 0), ("purchase", 4, "bytes", "", 0)],
    0xA014: [("key_version", 1, "byte", "", 0), ("key", 8, "bytes", "", 0)],
    services.STANDARD_TIME: [("standard_time", 7, "clock", "", 0)],
    services.SYNC: [("index", 5, "index", "", 0)],
    services.VALVE: [("valve", 1, "valve", "", 0)],
    services.NEW_NUMBER: [_ADDRESS],
}
ANSWERS = {
    services.PRICES: _PRICES,
    services.SETTLEMENT_DAY: [_DAY["SETTLEMENT"]],
    services.READING_DAY: [_DAY["READING"]],
    services.PURCHASE: [
        ("purchase_number", 1, "bytes", "", 0),
        ("purchase", 4, "bytes", "", 0),
        ("purchase_total", 4, "bytes", "", 0),
        ("purchase_remaining", 4, "bytes", "", 0),
        _STATUS,
    ],
    services.KEY_VERSION: [("key_version", 1, "byte", "", 0)],
    services.NUMBER: [_ADDRESS],
    0xA010: [_STATUS],
    services.SYNC: [_STATUS],
    services.VALVE: [_STATUS],
}
for _month in range(12):
    ANSWERS[services.HISTORY + _month] = [("index", 5, "index", "", _month + 1)]

VALVE = {0x55: "open", 0x99: "close"}


def _fields(unit_first: bool, names: list[tuple]) -> list[dict]:
    fields, at = [], 0
    for quantity, pattern, unit in names:
        field = {"quantity": quantity, "offset": at}
        if pattern:
            field["format"] = pattern
        if unit:
            field["unit"] = unit
        beside = bool(pattern) and not unit
        field["offset"] += unit_first and beside
        fields.append(field)
        at += (pattern.count("X") // 2 if pattern else {"meter_time": 7}.get(quantity, 2)) + beside
    return fields


_VOLUME = [
    ("volume", "XXXXXX.XX", None),
    ("settlement_volume", "XXXXXX.XX", None),
    ("meter_time", None, None),
    ("meter_status", None, None),
]
_COOLING = (0x25, 0x26, 0x27)
_HEAT = [
    ("settlement_energy", "XXXXXX.XX", None),
    ("energy", "XXXXXX.XX", None),
    ("power", "XXXXXX.XX", None),
    ("flow", "XXXX.XXXX", None),
    ("volume", "XXXXXX.XX", None),
    ("supply_temperature", "XXXX.XX", "°C"),
    ("return_temperature", "XXXX.XX", "°C"),
    ("operating_hours", "XXXXXX", "h"),
    ("meter_time", None, None),
    ("meter_status", None, None),
]


def _meter(names: list[tuple], title: str, unit_first: bool, shifted: bool) -> Cjt188Meter:
    heat = len(names) > len(_VOLUME)
    return Cjt188Meter.model_validate(
        {
            "schema": 1,
            "title": title,
            "link": "cjt188",
            "medium": "heat" if heat else "water",
            "request": {"type": "20" if heat else "10", "di": "901F"},
            "dialect": {
                "unit_position": "before" if unit_first else "after",
                "data_plus_33": shifted,
                # No index of a real meter stands at all nines; several send them for "none".
                "absent": ["99"],
            },
            "fields": _fields(unit_first, names),
            "golden": [],
        }
    )


@cache
def layouts(kind: int, body_bytes: int, shifted: bool) -> tuple[Cjt188Meter, ...]:
    """The layouts that an answer may have, the standard's own first: by its type and the bytes
    behind its sequence number."""
    if body_bytes == 19:
        names = _VOLUME
    elif body_bytes == 43:
        # Those who have these types put the cooling energy first, not the settled heat.
        names = [("cooling_energy", *_HEAT[0][1:]), *_HEAT[1:]] if kind in _COOLING else _HEAT
    else:
        return ()
    return tuple(_meter(names, "standard", first, shifted) for first in (False, True))


@cache
def index(heat: bool) -> Cjt188Meter:
    """A number with a unit byte, by itself."""
    return _meter([("energy" if heat else "volume", "XXXXXX.XX", None)], "index", False, False)
