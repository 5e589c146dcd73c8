"""A CJ/T 188 frame explained."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from converter.codec import bcd
from converter.link import cjt188 as link
from converter.meters import cjt188_services as services

from sibiao.config import load
from sibiao.config.check.goldens import answers
from sibiao.config.schema.cjt188 import Cjt188Meter
from sibiao.errors import SibiaoError
from sibiao.explain import frames, standard188, values188
from sibiao.explain.report import Explained, Record

_SHAPE = frames.Shape(length_at=link.LENGTH, overhead=13, most=0x64)
_SHIFTED_DIS = (b"\xc3\x52", b"\x52\xc3")  # 901F and 1F90 with 33H added


def explain(data: bytes, profile: str | None = None) -> Explained:
    """Every byte of data, in which a frame stands. The profile is a meter's, by name; without one
    the standard's layouts are tried, and what suits none is shown as not understood."""
    meter = _meter(profile, load.directory()) if profile else None
    start, n = frames.find(data, link.frame_len)
    if not n:
        return frames.invalid("cjt188", data, frames.fault(data, _SHAPE))
    cutter = frames.Cutter(data)
    cutter.before(start)
    one = _One(data[start : start + n], start, cutter, meter)
    one.cut()
    for record in one.records:  # as the bytes stand in the frame, whatever was added to them
        n = len(record.raw) // 2
        record.raw = frames.hexed(data[record.offset : record.offset + n])
    cutter.after(meter.answer.trailing_bytes if meter else 0)
    return Explained("cjt188", True, None, one.header, one.records, cutter.spans)


@cache
def _meter(profile: str, base: Path) -> Cjt188Meter:
    meter = load.read("meters", profile, base)
    if meter.link != "cjt188":
        raise SibiaoError(f"profile {profile!r} is of a meter on {meter.link}, not on cjt188")
    return meter


def candidates(data: bytes) -> list[str]:
    """Profiles by which the answer in data makes sense: what it answers, its length, its units."""
    start, n = frames.find(data, link.frame_len)
    frame = data[start : start + n]
    found = []
    for name in load.names("meters") if n else []:
        meter = load.read("meters", name)
        if meter.link == "cjt188" and answers(meter, frame):
            values = values188.read(meter, frame)
            if values and values188.is_plausible(values):
                found.append(name)
    return found


class _One:
    """One sound frame at `start` of the data that the cutter cuts."""

    def __init__(self, frame, start, cutter, meter):
        self.frame, self.start, self.cutter, self.meter = frame, start, cutter, meter
        self.control = frame[link.CONTROL]
        self.is_answer = bool(self.control & link.ANSWER)
        self.is_refusal = self.is_answer and bool(self.control & link.ERROR)
        self.shift = 0x33 if self._is_shifted() else 0
        shifted = frame[link.DATA : -2]
        self.plain = bytes((b - self.shift) & 0xFF for b in shifted)
        self.di = b"" if self.is_refusal or len(self.plain) < 3 else self.plain[:2]
        self.records: list[Record] = []
        self.header = {
            "type": f"{frame[link.TYPE]:02X}",
            "address": self._address(frame[link.ADDRESS : link.CONTROL]),
            "control": f"{self.control:02X}",
            "di": frames.hexed(self.di) or None,
            "ser": self._ser(),
            "status": None,
        }

    def _is_shifted(self) -> bool:
        if self.meter:
            return self.meter.dialect.data_plus_33
        return self.frame[link.DATA : link.DATA_SER] in _SHIFTED_DIS

    def _address(self, wire: bytes) -> str:
        high_first = self.meter and self.meter.dialect.address_order == "high first"
        return frames.hexed(wire if high_first else wire[::-1])

    def _ser(self) -> str | None:
        if self.is_refusal and self.plain:
            return f"{self.plain[0]:02X}"
        return f"{self.plain[2]:02X}" if self.di else None

    @property
    def number(self) -> int:
        """The data identifier as the standard writes it, DI0 (the larger) first."""
        return int.from_bytes(max(self.di, self.di[::-1]))

    def cut(self) -> None:
        take = self.cutter.take
        kind = self.frame[link.TYPE]
        name = standard188.TYPES.get(kind)
        take(1, "start")
        take(1, "meter type", name or "of the vendor", understood=name is not None)
        address = self.header["address"]
        anyone = address == "A" * 14
        take(7, "address" + (" (low byte first)" if not anyone else ""),
             "any meter" if anyone else address)  # fmt: skip
        function = standard188.FUNCTIONS.get(self.control & 0x3F)
        if not function and self.meter and answers(self.meter, self.frame):
            function = "read data, as the profile asks"
        said = "refused" if self.is_refusal else "answer" if self.is_answer else "request"
        take(1, "control", f"{function or 'function of the vendor'}, {said}",
             understood=function is not None)  # fmt: skip
        take(1, "length of the data", str(len(self.plain)), "bytes")
        if self.is_refusal:
            self._cut_refusal()
        elif self.di:
            self._cut_data()
        else:
            self._cut_unknown(self.plain)
        take(1, "checksum")
        take(1, "end")

    def _cut_refusal(self) -> None:
        self.cutter.take(min(1, len(self.plain)), "sequence number", self._ser())
        self._cut_status(self.plain[1:])

    def _cut_status(self, status: bytes) -> None:
        if len(status) in (1, 2):
            words = self.header["status"] = status_words(status, self.meter, self.frame[link.TYPE])
            self.cutter.take(len(status), "status", words)
        else:
            self._cut_unknown(status)

    def _cut_unknown(self, data: bytes) -> None:
        if data:
            self._record("unknown", None, "", 0, data, self.cutter.at)
        self.cutter.take(len(data), "data", understood=False)

    def _cut_data(self) -> None:
        name = standard188.IDENTIFIERS.get(self.number)
        added = ", 33H added" if self.shift else ""
        self.cutter.take(
            2, "data identifier" + added, name or "of the vendor", understood=name is not None
        )
        self.cutter.take(1, "sequence number", self.header["ser"])
        body = self.plain[3:]
        if not body:
            return
        if self.is_answer and self._cut_layout():
            return
        table = standard188.ANSWERS if self.is_answer else standard188.REQUESTS
        pieces = table.get(self.number, [])
        if sum(piece[1] for piece in pieces) == len(body):
            for piece in pieces:
                self._cut_piece(*piece)
        else:
            self._cut_unknown(body)

    def _cut_layout(self) -> bool:
        values = self._values()
        if values is None:
            return False
        status = next((v for v in values if v.field.is_status), None)
        words = None
        if status:
            words = status_words(status.raw, self.meter, self.frame[link.TYPE])
            self.header["status"] = words
        body_at = self.start + link.DATA_BODY
        self.records = values188.records(values, body_at)
        end = self.start + len(self.frame) - 2
        values188.cut(self.cutter, values, body_at, end, words)
        return True

    def _values(self) -> list[values188.Value] | None:
        if self.meter:
            is_its = answers(self.meter, self.frame)
            return values188.read(self.meter, self.frame) if is_its else None
        if self.number != services.CURRENT or self.control != link.READ_DATA | link.ANSWER:
            return None
        body_bytes = len(self.plain) - 3
        for meter in standard188.layouts(self.frame[link.TYPE], body_bytes, bool(self.shift)):
            values = values188.read(meter, self.frame)
            if values and values188.is_plausible(values):
                return values
        return None

    def _cut_piece(self, quantity, n, how, unit, storage) -> None:
        at = self.cutter.at
        raw = self.plain[at - self.start - link.DATA : at - self.start - link.DATA + n]
        name = quantity.replace("_", " ") + (f" {storage}" if storage else "")
        if how == "status":
            self._cut_status(raw)
            return
        if how == "index":
            self._cut_index(raw, storage)
            return
        value = self._piece(raw, how)
        understood = value is not None
        self.cutter.take(n, name, value, unit or None, understood)
        self._record(quantity, value, unit, storage, raw, at)

    def _piece(self, raw: bytes, how) -> str | None:
        if how == "valve":
            return standard188.VALVE.get(raw[0])
        if how == "address":
            return self._address(raw)
        if how == "byte":
            return f"{raw[0]:02X}"
        if how == "clock":
            return _clock(raw)
        if how == "bytes":
            return None
        value = bcd.decode(raw, 0, len(raw))
        return None if value is None else frames.plain(value, -how)

    def _cut_index(self, raw: bytes, storage: int) -> None:
        meter = standard188.index(self.frame[link.TYPE] >> 4 == 2)
        answer = bytearray(link.DATA_BODY) + raw + b"\0\0"
        answer[link.LENGTH] = 3 + len(raw)
        (value,) = values188.read(meter, bytes(answer))
        at = self.cutter.at
        values188.cut(self.cutter, [value], at, at + len(raw), None)
        quantity = value.field.quantity
        self._record(quantity, value.text(), value.unit(), storage, value.raw, at)

    def _record(self, quantity, value, unit, storage, raw, at) -> None:
        self.records.append(
            Record(quantity, value, unit, "instantaneous", storage, 0, 0, frames.hexed(raw), at)
        )


def _clock(raw: bytes) -> str | None:
    """A standard time in whichever order makes a time; vendors have both."""
    for wire in (raw, raw[::-1]):
        value = bcd.decode(wire, 0, 7)
        if value is not None and 19 <= value // 10**12 <= 21:
            month, day = value // 10**8 % 100, value // 10**6 % 100
            hour, minute, second = value // 10**4 % 100, value // 100 % 100, value % 100
            if 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60:
                return frames.date_time(value)
    return None


_VALVE_STATES = (
    "valve open",
    "valve closed",
    "valve state 2 (not defined)",
    "valve fault",
)


def status_words(status: bytes, meter: Cjt188Meter | None, kind: int) -> str:
    """ST in words: the standard's bits, the profile's, and the others by number."""
    own = meter.status if meter else {}
    words = []
    if not {"0", "1"} & own.keys():
        state = status[0] & 3
        # A heat meter seldom has a valve, so that its 00 says nothing.
        if state or kind >> 4 != 2:
            words.append(_VALVE_STATES[state])
    known = {"2": "battery low"} | own
    for bit in range(8 * len(status)):
        if not status[bit // 8] >> bit % 8 & 1:
            continue
        if str(bit) in known:
            words.append(known[str(bit)])
        elif bit > 1:
            words.append(f"vendor bit {bit % 8} of ST{bit // 8}")
    return ", ".join(words) or "no fault"
