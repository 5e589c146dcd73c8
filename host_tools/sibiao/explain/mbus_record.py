"""One M-Bus record in words, from the firmware's walk: its value, and its bytes as spans."""

from __future__ import annotations

from functools import lru_cache

from converter.meters import mbus_records as walk
from converter.meters import mbus_vif, mbus_vif_ext
from converter.meters.mbus_fixed import Counters
from converter.model import unit

from sibiao.config import terms_mbus
from sibiao.explain import mbus_dates, mbus_names
from sibiao.explain.mbus_vib import words
from sibiao.explain.report import Record, Span, decimal_text

_FIELDS = (
    "no data",
    "8-bit integer",
    "16-bit integer",
    "24-bit integer",
    "32-bit integer",
    "32-bit real",
    "48-bit integer",
    "64-bit integer",
    "selection for readout",
    "2-digit BCD",
    "4-digit BCD",
    "6-digit BCD",
    "8-digit BCD",
    "variable length",
    "12-digit BCD",
)
_HOUR_S = 3600
_DATES = {
    mbus_vif.DATE,
    mbus_vif.DATE_TIME,
    mbus_vif.DATE_OF,
    mbus_vif_ext.START_OF_TARIFF,
    mbus_vif_ext.BATTERY_CHANGE,
}


def counter_of(counters: Counters, hexed: str, frame: bytes, base: int) -> Record:
    """The counter of a fixed structure on which the walk stands."""
    is_plain = counters.kind == mbus_vif.ANY
    quantity = "dimensionless" if is_plain else terms_mbus.QUANTITIES[counters.kind]
    return _record(counters, quantity, hexed, frame, base)


def tell(
    records: walk.Records, hexed: str, frame: bytes, base: int, spans: list[Span] | None
) -> Record:
    """The record on which the walk stands; its bytes go to the spans, if wanted: DIF with DIFEs,
    VIF with VIFEs, length byte, data. base: where the frame begins in what was given."""
    at, vif_at, data_at = records.offset, records.vif_at, records.data_at
    field = frame[at] & 0x0F
    # Data of variable length have their length byte between VIF and data.
    vib_end = data_at - 1 if field == 0x0D else data_at
    is_known = records.kind != mbus_vif.UNKNOWN
    quantity, vif, is_known = _vif(
        frame[vif_at:vib_end], records.to_meter, is_known,
        records.unit, records.scale, records.factor,
    )  # fmt: skip
    record = _record(records, quantity, hexed, frame, base)
    if spans is None:
        return record
    dif = _dif(field, records.function, records.storage, records.tariff, records.subunit)
    spans.append(Span(base + at, hexed[2 * at : 2 * vif_at], dif))
    raw = hexed[2 * vif_at : 2 * vib_end]
    spans.append(Span(base + vif_at, raw, vif, None, None, is_known))
    if vib_end < data_at:
        spans.append(Span(base + vib_end, hexed[2 * vib_end : 2 * data_at], "length"))
    if records.data_n:
        raw = hexed[2 * data_at : 2 * records.end]
        value = record.value
        meaning = quantity if value is not None else f"{quantity}: no value"
        spans.append(Span(base + data_at, raw, meaning, value, record.unit or None, is_known))
    return record


def _record(records, quantity: str, hexed: str, frame: bytes, base: int) -> Record:
    at, end = records.offset, records.end
    return Record(
        quantity,
        _value(records, frame[records.data_at : end]),
        mbus_names.UNITS[records.unit],
        terms_mbus.FUNCTIONS[records.function],
        records.storage,
        records.tariff,
        records.subunit,
        hexed[2 * at : 2 * end],
        base + at,
    )


def _value(records: walk.Records, data: bytes) -> str | None:
    if records.fault:
        return None
    kind = records.kind
    if kind in _DATES and records.is_date():
        return mbus_dates.iso(data, records.msb_first)
    if records.coding == walk.TEXT:
        return (data if records.msb_first else data[::-1]).decode("latin-1")
    if kind == mbus_vif_ext.DAYLIGHT_SAVING and len(data) == 4:
        return mbus_dates.daylight_saving(data[::-1] if records.msb_first else data)
    value = records.read()
    if value is not None and records.unit == unit.HOUR:
        value *= _HOUR_S
    return decimal_text(value, records.exponent)


@lru_cache(4096)
def _vif(
    vib: bytes, to_meter: bool, is_known: bool, base: int, scale: int, factor: int
) -> tuple[str, str, bool]:
    # Quantity, meaning with what one count is, whether all of it is understood.
    told = words(vib, to_meter)
    quantity = told.quantity if is_known else terms_mbus.UNKNOWN
    text = mbus_names.UNITS[base]
    one = str(factor * (_HOUR_S if base == unit.HOUR else 1)) if not scale else f"10^{scale}"
    meaning = f"VIF: {told.meaning}" + (f", {one} {text}" if text else "")
    return quantity, meaning, is_known and told.understood


@lru_cache(4096)
def _dif(field: int, function: int, storage: int, tariff: int, subunit: int) -> str:
    parts = [_FIELDS[field], terms_mbus.FUNCTIONS[function]]
    numbers = (("storage", storage), ("tariff", tariff), ("subunit", subunit))
    return "DIF: " + ", ".join(parts + [f"{name} {n}" for name, n in numbers if n])
