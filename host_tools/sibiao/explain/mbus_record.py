"""One M-Bus record in words, from the firmware's walk: its value, and its bytes as spans."""

from __future__ import annotations

from functools import lru_cache

from converter.meters import mbus_records as walk
from converter.meters import mbus_vif, mbus_vif_ext
from converter.meters.mbus_fixed import Counters
from converter.model import unit

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


def record_of(records: walk.Records, frame: bytes, base: int) -> Record:
    """The record that the walk stands on. base: where the frame begins in what was given."""
    at, end = records.data_at, records.end
    if isinstance(records, Counters):
        is_plain = records.kind == mbus_vif.ANY
        quantity = "dimensionless" if is_plain else mbus_names.QUANTITIES[records.kind]
    elif records.kind == mbus_vif.UNKNOWN:
        quantity = mbus_names.UNKNOWN
    else:
        quantity = _vib(records, frame).quantity
    return Record(
        quantity,
        _value(records, frame[at:end]),
        mbus_names.UNITS[records.unit],
        mbus_names.FUNCTIONS[records.function],
        records.storage,
        records.tariff,
        records.subunit,
        frame[records.offset : end].hex().upper(),
        base + records.offset,
    )


def _vib(records: walk.Records, frame: bytes):
    # A data field of variable length has its length byte between VIF and data.
    lvar = frame[records.offset] & 0x0F == 0x0D
    return words(frame[records.vif_at : records.data_at - lvar], records.to_meter)


def _value(records: walk.Records, data: bytes) -> str | None:
    if records.fault:
        return None
    if records.is_date():
        return mbus_dates.iso(data, records.msb_first)
    if records.coding == walk.TEXT:
        return (data if records.msb_first else data[::-1]).decode("latin-1")
    if records.kind == mbus_vif_ext.DAYLIGHT_SAVING and len(data) == 4:
        return mbus_dates.daylight_saving(data[::-1] if records.msb_first else data)
    value = records.read()
    if value is not None and records.unit == unit.HOUR:
        value *= _HOUR_S
    return decimal_text(value, records.exponent)


def _scale(records: walk.Records) -> str:
    text = mbus_names.UNITS[records.unit]
    if not text:
        return ""
    factor = records.factor * (_HOUR_S if records.unit == unit.HOUR else 1)
    return f", {factor} {text}" if not records.scale else f", 10^{records.scale} {text}"


@lru_cache(4096)
def _dif(field: int, function: int, storage: int, tariff: int, subunit: int) -> str:
    parts = [_FIELDS[field], mbus_names.FUNCTIONS[function]]
    numbers = (("storage", storage), ("tariff", tariff), ("subunit", subunit))
    return ", ".join(parts + [f"{name} {n}" for name, n in numbers if n])


def spans_of(records: walk.Records, frame: bytes, base: int, record: Record) -> list[Span]:
    """DIF with DIFEs, VIF with VIFEs, length byte, data."""
    at, vif_at, data_at = records.offset, records.vif_at, records.data_at
    lvar = frame[at] & 0x0F == 0x0D
    vib = _vib(records, frame)
    known = vib.understood and records.kind != mbus_vif.UNKNOWN
    dif = _dif(
        frame[at] & 0x0F, records.function, records.storage, records.tariff, records.subunit
    )
    spans = [
        Span(base + at, frame[at:vif_at].hex().upper(), f"DIF: {dif}"),
        Span(
            base + vif_at,
            frame[vif_at : data_at - lvar].hex().upper(),
            f"VIF: {vib.meaning}" + _scale(records),
            None,
            None,
            known,
        ),
    ]
    if lvar:
        spans.append(
            Span(base + data_at - 1, frame[data_at - 1 : data_at].hex().upper(), "length")
        )
    if records.data_n:
        raw = frame[data_at : records.end].hex().upper()
        meaning = record.quantity if record.value is not None else f"{record.quantity}: no value"
        spans.append(Span(base + data_at, raw, meaning, record.value, record.unit or None, known))
    return spans
