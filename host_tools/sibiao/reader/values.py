"""The bytes of an answer as values, by the rows of the uplink."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sibiao.config import terms
from sibiao.config.schema.identifiers import Identifier, is_time
from sibiao.config.schema.uplink import Uplink
from sibiao.explain import identifiers645, own645, values645
from sibiao.explain.own645 import Item
from sibiao.reader.catalog import Station
from sibiao.sim.bcd import get_bcd

UNKNOWN = "unknown"
_VALUE_TIME = "YYMMDDhhmmss"
_NOTHING = 0xFF


@dataclass(frozen=True)
class Value:
    """`text` None: not known, `error` says why. `time`: its own, by the converter's clock."""

    quantity: str
    di: str
    text: str | None
    unit: str = ""
    time: str = ""
    error: str = UNKNOWN


def decode(uplink: Uplink, station: Station, di: str, data: bytes) -> list[Value]:
    """What an answer holds. An identifier that is none of the uplink's is given in hexadecimal."""
    items = own645.items(uplink, int(di, 16))
    if not items or sum(item.width for item in items) != len(data):
        return [Value("", di, data[::-1].hex().upper())]
    found: list[Value] = []
    at = 0
    for item in items:
        raw = data[at : at + item.width]
        at += item.width
        if item.is_time_of_value:
            if found and found[-1].quantity == item.rows[0].quantity:
                found[-1] = _timed(found[-1], raw)
            else:
                found.append(_time_alone(item, raw))
        else:
            found.append(_value(station, item, raw))
    return found


def _timed(value: Value, raw: bytes) -> Value:
    return Value(value.quantity, value.di, value.text, value.unit, _moment(raw) or "")


def _time_alone(item: Item, raw: bytes) -> Value:
    return Value(f"{item.rows[0].quantity} time", f"{item.di:08X}", _moment(raw))


def _moment(raw: bytes) -> str | None:
    return values645.value(raw, _VALUE_TIME, 0)


def _value(station: Station, item: Item, raw: bytes) -> Value:
    row, unit = _row(station, item)
    return Value(_name(row, item), f"{item.di:08X}", _text(row, raw), unit)


def _name(row: Identifier, item: Item) -> str:
    if row.kind:
        return f"{row.name} {item.back}"
    told = None if row.source == "value" else identifiers645.fields(item.di, row.width)
    return told[0][0] if told else row.name


def _row(station: Station, item: Item) -> tuple[Identifier, str]:
    """The row that holds for the station, and its unit: several where none is certain."""
    rows = station.held.possible(item.rows)
    return rows[0], " or ".join(dict.fromkeys(row.unit for row in rows))


def _text(row: Identifier, raw: bytes) -> str | None:
    if all(byte == _NOTHING for byte in raw):
        return None
    if is_time(row.format):
        return values645.value(raw, row.format, 0)
    if row.source in ("text", "state"):
        return values645.value(raw, {"text": "text", "state": "bits"}[row.source], 0)
    if row.quantity == "address":
        return raw[::-1].hex().upper()
    negative = row.signed and raw[-1] & 0x80
    number = get_bcd(raw[:-1] + bytes((raw[-1] & 0x7F,)) if negative else raw)
    if number is None:
        return None
    return f"{Decimal(-number if negative else number).scaleb(-terms.decimals(row.format)):f}"
