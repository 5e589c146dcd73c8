"""Decoding M-Bus on a host: time per telegram as a ratio to pyMeterBus on the same frames.

Rounds alternate, in processor time, and of each the fastest counts: what else the machine does
falls on both.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

import meterbus
from converter.link import mbus as link
from converter.meters import mbus_records, mbus_telegram
from sibiao.explain.mbus import explain

from tests.bench.figure import Figure, figure, not_measured

_GROUP = "host"
_AIM = 5
_NAMES = (
    "M-Bus decoding, times faster than pyMeterBus",
    "M-Bus explained as JSON, times faster than pyMeterBus",
)
_PER_TELEGRAM = "M-Bus decoding, time per telegram"
_RECORDS = mbus_records.Records()


def measure(rounds: int) -> list[Figure]:
    frames = _frames()
    if not frames:
        why = "SIBIAO_VECTORS is not set: no published telegrams"
        return [not_measured(_GROUP, name, "", why) for name in _NAMES]
    ours, told, theirs = ratios = ([], [], [])
    for _ in range(rounds):
        for times, decode in zip(ratios, (_decode, _explained, _pymeterbus), strict=True):
            times.append(_per_telegram_us(decode, frames))
    how = (
        f"{len(frames)} test frames of libmbus that pyMeterBus reads, fastest of {rounds} "
        f"alternating rounds of each; pyMeterBus needs {min(theirs):.0f} µs a telegram"
    )
    return [
        figure(_GROUP, _NAMES[0], "", [min(theirs) / min(ours)], how, at_least=_AIM),
        figure(_GROUP, _NAMES[1], "", [min(theirs) / min(told)], how),
        figure(_GROUP, _PER_TELEGRAM, "µs", [min(ours)], how),
    ]


def _frames() -> list[bytes]:
    folder = os.environ.get("SIBIAO_VECTORS")
    paths = sorted(Path(folder, "libmbus", "test-frames").glob("*.hex")) if folder else []
    return [data for data in (bytes.fromhex(p.read_text()) for p in paths) if _is_read(data)]


def _is_read(data: bytes) -> bool:
    try:
        return bool(_pymeterbus(data))
    except (KeyError, meterbus.MBusFrameDecodeError):
        return False


def _decode(data: bytes) -> list[tuple]:
    """As the converter does: the frame judged, each record's value and what it is."""
    if link.frame_len(data, 0, len(data)) != len(data):
        raise ValueError(data.hex())
    mbus_telegram.begin(_RECORDS, data)
    r = _RECORDS
    values = []
    while r.next():
        value = r.read()
        values.append((r.kind, value, r.exponent, r.unit, r.function, r.storage, r.tariff))
    return values


def _explained(data: bytes) -> dict:
    """As `sibiao decode --json` does, with quantities and units in words."""
    return explain(data, with_spans=False).as_json()


def _pymeterbus(data: bytes) -> list[tuple]:
    return [(record.value, record.unit) for record in meterbus.load(data).records]


def _per_telegram_us(decode: Callable, frames: list[bytes]) -> float:
    gc.collect()
    start = time.process_time()
    for data in frames:
        decode(data)
    return (time.process_time() - start) / len(frames) * 1e6
