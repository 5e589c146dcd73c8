"""What services of the converter's station tell besides the identifiers of an uplink: reports,
the valve, and the archive behind the pass-through."""

from __future__ import annotations

from converter.model import events

from sibiao.config.device.module import names_of
from sibiao.config.schema.uplink import Uplink

STATUS_WORD, STATUS_RESET = 0x04001501, 0x04001503  # annex A: any meter's
_EVENTS, _TOLD = 0xE0005000, 0xE0005001  # ours
_VALVE = 0xE000F000
_ANY_POINT = 0xFF00FFFF
_WORD = 12
_WAITING = [("events_waiting", 2, "0"), ("events_lost", 3, "0")]
_EVENT = [
    ("event_number", 5, "0"),
    ("event", 2, "event"),
    ("event_detail", 2, "0"),
    ("event_time", 6, "YYMMDDhhmmss"),
    ("event_value", 5, "0"),
    ("event_since", 5, "0"),
]
_ARCHIVE = {
    0x04101601: "archive cleared",
    0x04101602: "meters in the archive, and CRC",
    0x04101603: "meters listed",
    0x04101604: "meters added",
    0x04101605: "meters deleted",
}
EVENT_NAMES = {code: name for name, code in names_of(events).items()}


def status_word(data: bytes, uplink: Uplink | None):
    """Fields of 04001501: 96 bits, then a counter for each that is set, in AA or not."""
    word = int.from_bytes(data[:_WORD], "little")
    bits = [bit for bit in range(8 * _WORD) if word >> bit & 1]
    counters, rest = len(bits), data[_WORD:]
    if len(data) < _WORD or len(rest) not in (counters, counters + 2):
        return None
    mark = len(rest) == counters + 2
    if mark and (rest[:1], rest[-1:]) != (b"\xaa", b"\xaa"):
        return None
    names: dict[int, list[str]] = {}
    if uplink and uplink.report:
        for name, bit in uplink.report.status_bits.items():
            names.setdefault(bit, []).append(name)
    told = [("status_word", _WORD, "bits")] + [("separator", 1, "digits")] * mark
    for bit in bits:
        told.append((" or ".join(sorted(names.get(bit, [f"bit_{bit}"]))), 1, "count"))
    return _whole(told + [("separator", 1, "digits")] * mark)


def fields(uplink: Uplink, di: int, data_bytes: int):
    """Of identifiers that the uplink's services answer or are written; None: none of theirs."""
    told = None
    if "valve" in uplink.services and di & _ANY_POINT == _VALVE and data_bytes == 1:
        return [("valve", 1, "valve", "", 0, 0, 0, di >> 16 & 0xFF)]
    if "report" in uplink.services and di == _EVENTS:
        told = _WAITING + _EVENT
    elif "report" in uplink.services and di == _TOLD:
        told = [("times_sent_before", 1, "0"), *_WAITING, *_EVENT]
    if told is None or sum(width for _, width, _ in told) != data_bytes:
        return None
    return _whole(told)


def events_fields(uplink: Uplink, di: int, is_write: bool):
    """The five bytes of E0005000: none waits, or the number that is acknowledged."""
    if "report" not in uplink.services or di != _EVENTS:
        return None
    return _whole([_EVENT[0]] if is_write else _WAITING)


def is_ours(uplink: Uplink, di: int) -> bool:
    is_event = di in (_EVENTS, _TOLD) and "report" in uplink.services
    return is_event or (di & _ANY_POINT == _VALVE and "valve" in uplink.services)


def archive(data: bytes):
    """(meaning, bytes) of the parts of EXT 09; None when it is none of its identifiers."""
    name = _ARCHIVE.get(int.from_bytes(data[:4], "little")) if len(data) >= 4 else None
    if name is None:
        return None
    parts = [(name, 4)]
    rest = len(data) - 4
    if rest > 1 and rest % 8 == 1 and data[4] == rest // 8:
        return parts + [("how many", 1)] + [("meter: type and address", 8)] * (rest // 8)
    return parts + [("what it needs or tells", rest)] * (rest > 0)


def _whole(told):
    return [(name, width, how, "", 0, 0, 0, 0) for name, width, how in told]
