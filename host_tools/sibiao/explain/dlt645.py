"""A DL/T 645-2007 frame explained; with an uplink profile, a converter's own identifiers too."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from converter.link import dlt645 as link

from sibiao.config import load
from sibiao.config.schema.uplink import Uplink
from sibiao.explain import cjt188, frames, identifiers645, own645, services645, values645
from sibiao.explain.report import Explained, Record

_SHAPE = frames.Shape(length_at=link.LENGTH, overhead=12, most=200, second_68_at=7)
_EXTENSION = 0x1F
_SPONTANEOUS = 0x86  # ours: an event sent unasked
_COUNTER, _TAG = 4, 8  # around what is sealed
_SHORTEST_SEALED_READ = 16
_EXTENSIONS = {0x08: "CJ/T 188 frame", 0x09: "archives", 0x0B: "frame of another protocol"}


# By address and point's number, or 0.
HeldBy = Callable[[str, int], own645.Held | None]


def explain(data: bytes, profile: str | None = None, held_by: HeldBy | None = None) -> Explained:
    """Every byte of data, in which a frame stands. The profile is an uplink's, by name: then its
    identifiers are known too; `held_by` says what a point holds
    where an identifier can be one of several."""
    uplink = _uplink(profile, load.directory()) if profile else None
    start, n = frames.find(data, link.frame_len)
    if not n:
        return frames.invalid("dlt645", data, frames.fault(data, _SHAPE))
    cutter = frames.Cutter(data)
    cutter.before(start)
    one = _One(data[start : start + n], cutter, uplink, held_by)
    one.cut()
    cutter.after()
    return Explained("dlt645", True, one.error, one.header, one.records, cutter.spans)


@cache
def _uplink(profile: str, base: Path) -> Uplink:
    return load.read("uplinks", profile, base)


class _One:
    """One sound frame, beginning where the cutter stands."""

    def __init__(
        self, frame: bytes, cutter: frames.Cutter, uplink: Uplink | None, held_by: HeldBy | None
    ):
        self.frame, self.cutter, self.uplink = frame, cutter, uplink
        self.data_at = cutter.at + link.DATA
        self.control = frame[link.CONTROL]
        self.function = self.control & 0x1F
        self.is_answer = bool(self.control & 0x80)
        self.is_refusal = self.is_answer and bool(self.control & 0x40)
        shift = 0 if self.function == _EXTENSION else 0x33
        self.plain = bytes((b - shift) & 0xFF for b in frame[link.DATA : -2])
        self.records: list[Record] = []
        self.error: str | None = None  # why it holds no readings
        self.header = {
            "address": frames.hexed(frame[link.ADDRESS : link.ADDRESS + 6][::-1]),
            "control": f"{self.control:02X}",
            "di": None,
            "error_word": None,
        }
        self.held_by = partial(held_by, self.header["address"]) if held_by else None

    def cut(self) -> None:
        take = self.cutter.take
        take(1, "start")
        take(6, "address (low byte first)", _address(self.header["address"]))
        take(1, "second start")
        name = values645.FUNCTIONS.get(self.function)
        if self.control == _SPONTANEOUS and self.uplink and self.uplink.report:
            name = "event sent unasked"
        said = "refused" if self.is_refusal else "answer" if self.is_answer else "request"
        more = ", more follows" if self.is_answer and self.control & 0x20 else ""
        take(1, "control", f"{name or 'no function of 2007'}, {said}{more}",
             understood=name is not None)  # fmt: skip
        take(1, "length of the data", str(len(self.plain)), "bytes")
        self._cut_data()
        take(1, "checksum")
        take(1, "end")

    def _cut_data(self) -> None:
        function, data = self.function, self.plain
        if self._is_sealed():
            self._cut_sealed()
        elif self.is_refusal:
            self._cut_error()
        elif function == _EXTENSION and data:
            self._cut_extension()
        elif (function in (0x11, 0x12, 0x14) or self.control == _SPONTANEOUS) and len(data) >= 4:
            self._cut_identified()
        elif function == 0x01 and len(data) >= 2:
            self._cut_1997()
        elif function in (0x13, 0x15) and len(data) == 6:
            self._cut_field("address", 6, "digits", "", 0, 0, 0, 0)
        elif function == 0x08 and len(data) == 6:
            self._cut_field("standard_time", 6, "YYMMDDhhmmss", "", 0, 0, 0, 0)
        elif function == 0x16 and len(data) == 4:
            self._cut_field("freeze_time", 4, "digits", "", 0, 0, 0, 0)
        elif function == 0x17 and len(data) == 1:
            self._cut_field("baud", 1, "baud", "Bd", 0, 0, 0, 0)
        else:
            self._cut_unknown()

    def _cut_unknown(self) -> None:
        rest = self._rest()
        if rest:
            self._record("unknown", None, "", 0, 0, 0, rest)
        self.cutter.take(len(rest), "data", understood=False)

    def _rest(self) -> bytes:
        return self.plain[self.cutter.at - self.data_at :]

    def _cut_error(self) -> None:
        names = values645.SECURITY_ERRORS if self.function == 0x03 else values645.ERRORS
        if len(self.plain) != (2 if names is values645.SECURITY_ERRORS else 1):
            self._cut_unknown()
            return
        word = int.from_bytes(self.plain, "little")
        bits = [b for b in range(8 * len(self.plain)) if word >> b & 1]
        texts = [names[b] if b < len(names) else f"reserved bit {b}" for b in bits]
        self.header["error_word"] = ", ".join(texts) or "no error named"
        self.cutter.take(len(self.plain), "error", self.header["error_word"])

    def _is_sealed(self) -> bool:
        """By the uplink's profile, as docs/access.md has it: the bytes alone do not tell."""
        how = self.uplink.sealed if self.uplink else "off"
        n = len(self.plain)
        if how == "off" or self.function == 0x13 or n < _COUNTER + _TAG:
            return False
        if self.function not in (0x11, 0x12) or how == "all" or self.is_refusal:
            return True
        # In "writes" an answer to a read may be either: a plain one begins with what was asked.
        if not self.is_answer:
            return n >= _SHORTEST_SEALED_READ
        return not self._is_known(int.from_bytes(self.plain[:4], "little"))

    def _cut_sealed(self) -> None:
        counter = str(int.from_bytes(self.plain[:_COUNTER], "little"))
        self.cutter.take(_COUNTER, "sealed: counter", counter)
        self.cutter.take(len(self.plain) - _COUNTER - _TAG, "sealed: encrypted data")
        self.cutter.take(_TAG, "sealed: tag")
        self.error = "the data are sealed; whoever has the key can open them"

    def _cut_extension(self) -> None:
        ext = self.plain[0]
        name = _EXTENSIONS.get(ext & 0x3F)
        text = f"{name or 'not known'}{', error' if ext & 0xC0 == 0xC0 else ''}"
        self.cutter.take(1, "extension", text, understood=name is not None)
        inner = self.plain[1:]
        if ext == 0x08 and inner:
            at = self.cutter.at
            found = cjt188.explain(inner)
            if found.valid:
                for span in found.spans:
                    unit = span.unit
                    meaning = f"CJ/T 188: {span.meaning}"
                    self.cutter.take(
                        len(span.raw) // 2, meaning, span.value, unit, span.understood
                    )
                for record in found.records:
                    record.offset += at
                    self.records.append(record)
                return
        if ext & 0x3F == 0x09:
            for meaning, n in services645.archive(inner) or ():
                self.cutter.take(n, meaning)
        self._cut_unknown()

    def _cut_identified(self) -> None:
        di = int.from_bytes(self.plain[:4], "little")
        self.header["di"] = f"{di:08X}"
        n = len(self.plain) - 4
        sequence = self.function == 0x12 and n > 0
        fields = None
        if self.function == 0x14 and not self.is_answer:
            fields = self._fields(di, n - 8) if n > 8 else None
            if di == services645.STATUS_RESET and n - 8 == 12:
                fields = [("status_bits_kept", 12, "bits", "", 0, 0, 0, 0)]
        elif self.is_answer and di == services645.STATUS_WORD:
            fields = services645.status_word(self.plain[4:], self.uplink)
        elif self.is_answer or not n:
            fields = self._fields(di, n - sequence, self.plain[-1] if sequence else 0)
        known = fields is not None or self._is_known(di)
        self.cutter.take(4, "data identifier (low byte first)", self.header["di"], None, known)
        if self.function == 0x14 and not self.is_answer and n >= 8:
            self.cutter.take(4, "password and its level")
            self.cutter.take(4, "operator", frames.hexed(self.plain[8:12][::-1]))
        for field in fields or ():
            self._cut_field(*field)
        if sequence:
            self.cutter.take(len(self._rest()) - 1, "data", understood=False)
            self.cutter.take(1, "sequence number", str(self.plain[-1]))
        self._cut_unknown()

    def _cut_1997(self) -> None:
        di = int.from_bytes(self.plain[:2], "little")
        self.header["di"] = f"{di:04X}"
        # 9010 is the total, 901F all of it: total and tariffs, closed by AA.
        known = di >> 4 == 0x901
        name = "data identifier (low byte first)"
        self.cutter.take(2, name, self.header["di"], None, known)
        tariff = di & 0x0F if di & 0x0F < 0x0F else 0
        while known and len(self._rest()) >= 4:
            self._cut_field("energy", 4, "2", "Wh", 3, 0, tariff, 0)
            tariff += 1
        if known and self._rest() == b"\xaa":
            self.cutter.take(1, "end of the block")
        self._cut_unknown()

    def _is_known(self, di: int) -> bool:
        """Whether some length of answer makes sense of the identifier."""
        if di in (services645.STATUS_WORD, services645.STATUS_RESET):
            return True
        if self.uplink and (own645.items(self.uplink, di) or services645.is_ours(self.uplink, di)):
            return True
        return any(identifiers645.fields(di, n) for n in range(1, 201))

    def _fields(self, di: int, n: int, number: int = 0):
        """Of a frame of the answer: the first, or one that follows."""
        if self.uplink and services645.is_ours(self.uplink, di):
            if n == 5:
                return services645.events_fields(self.uplink, di, not self.is_answer)
            return services645.fields(self.uplink, di, n)
        if self.uplink and own645.items(self.uplink, di):
            return own645.fields(self.uplink, di, n, number, self.held_by)
        return identifiers645.fields(di, n)

    def _cut_field(self, quantity, n, how, unit, exponent, storage, tariff, subunit) -> None:
        raw = self._rest()[:n]
        value = values645.value(raw, how, exponent)
        name = quantity.replace("_", " ")
        for what, number in (
            ("settled", storage),
            ("tariff", tariff),
            ("phase or point", subunit),
        ):
            name += f", {what} {number}" if number else ""
        self._record(quantity, value, unit, storage, tariff, subunit, raw)
        self.cutter.take(n, name, value, unit or None, value is not None or set(raw) == {0xFF})

    def _record(self, quantity, value, unit, storage, tariff, subunit, raw) -> None:
        at = self.cutter.at
        raw_hex = frames.hexed(self.cutter.data[at : at + len(raw)])
        self.records.append(
            Record(quantity, value, unit, "instantaneous", storage, tariff, subunit, raw_hex, at)
        )


def _address(text: str) -> str:
    if text == "A" * 12:
        return "any meter"
    return "every meter" if text == "9" * 12 else text
