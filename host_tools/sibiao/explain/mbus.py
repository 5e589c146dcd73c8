"""An M-Bus telegram explained: E5, short, control and long frames of master and meter."""

from __future__ import annotations

from converter.link import mbus as link
from converter.meters import mbus_fixed, mbus_records, mbus_telegram

from sibiao.config.terms_mbus import UNKNOWN
from sibiao.explain import mbus_header as header
from sibiao.explain import mbus_names as names
from sibiao.explain.mbus_record import counter_of, tell
from sibiao.explain.report import Explained, Record, Span


def explain(data: bytes, quirks: int = 0, with_spans: bool = True) -> Explained:
    """Every byte of data: a frame, with FE before it or anything behind. quirks: deviations that
    a meter's profile names (converter.meters.mbus_records). Who needs only the contract's JSON
    does without spans."""
    data = bytes(data)
    start = len(data) - len(data.lstrip(b"\xfe"))
    rest = len(data) - start
    n = link.frame_len_or_ack(data, start, len(data)) if rest else -1
    before = "preamble"
    if n <= 0 or (n == 1 and rest > 1):
        at, n = _find_long(data, start)
        if not n:
            return _refused(data, start, _fault(data, start))
        start, rest, before = at, len(data) - at, "before the frame: no part of it"
    told = _Telegram(data[start : start + n], start, quirks, with_spans).tell()
    if not with_spans:
        return told
    if start:
        told.spans.insert(
            0, Span(0, data[:start].hex().upper(), before, understood=before == "preamble")
        )
    if n < rest:
        tail = data[start + n :].hex().upper()
        told.spans.append(
            Span(start + n, tail, "behind the frame: no part of it", None, None, False)
        )
    return told


def _find_long(data: bytes, start: int) -> tuple[int, int]:
    """Start and length of a sound frame behind noise; 0, 0: none. Not of a short one or an E5:
    noise looks like them too easily."""
    at = data.find(0x68, start)
    while at >= 0:
        n = link.frame_len(data, at, len(data))
        if n > 0:
            return at, n
        at = data.find(0x68, at + 1)
    return 0, 0


def _refused(data: bytes, start: int, error: str) -> Explained:
    spans = [Span(0, data[:start].hex().upper(), "preamble")] if start else []
    if data[start:]:
        raw = data[start:].hex().upper()
        spans.append(Span(start, raw, "no sound frame", None, None, False))
    return Explained("mbus", False, error, {}, [], spans)


def _fault(data: bytes, start: int) -> str:
    here = data[start:]
    if not here:
        return "there is no frame: no bytes"
    if here[0] == link.ACK:
        return f"E5 stands alone on the line: {len(here) - 1} bytes follow it"
    if here[0] not in (0x10, 0x68):
        return f"no M-Bus frame begins with {here[0]:02X}: E5, 10 or 68 do"
    body, total = 1, 5
    if here[0] == 0x68:
        body = 4
        if len(here) < 4:
            return f"the frame is cut short in its header: {len(here)} bytes are there"
        if here[1] != here[2] or here[3] != 0x68:
            return f"the header {here[:4].hex(' ').upper()} is not 68 L L 68"
        if here[1] < 3:
            return f"L = {here[1]:02X}, less than 03 is no frame"
        total = here[1] + 6
    if len(here) < total:
        return f"the frame is cut short: it needs {total} bytes, {len(here)} are there"
    if here[total - 1] != 0x16:
        return f"the frame ends with {here[total - 1]:02X} instead of 16"
    right = sum(here[body : total - 2]) & 0xFF
    return f"the checksum is {here[total - 2]:02X}, the bytes give {right:02X}"


# What the contract promises of every frame, null where it has none.
_HEADER = (
    "control", "address", "ci", "id", "manufacturer", "version", "medium", "access", "status",
)  # fmt: skip


class _Telegram:
    """One sound frame, whose first byte is byte `base` of what was given."""

    def __init__(self, frame: bytes, base: int, quirks: int, with_spans: bool):
        self.frame, self.base = frame, base
        self.hexed = frame.hex().upper()
        self.quirks = quirks
        self.at = 0
        self.header: dict = dict.fromkeys(_HEADER)
        self.records: list[Record] = []
        self.spans: list[Span] | None = [] if with_spans else None
        self.error: str | None = None
        self.valid = True

    def tell(self) -> Explained:
        if len(self.frame) == 1:
            self.take(1, "acknowledge (E5)")
        else:
            self._tell_frame()
        return Explained(
            "mbus",
            self.valid,
            self.error,
            self.header,
            self.records if self.valid else [],
            self.spans or [],
        )

    def take(self, n: int, meaning: str, value=None, unit=None, understood=True) -> bytes:
        at = self.at
        self.at = at + n
        raw = self.frame[at : at + n]
        if self.spans is not None and raw:
            hexed = self.hexed[2 * at : 2 * (at + n)]
            self.spans.append(Span(self.base + at, hexed, meaning, value, unit, understood))
        return raw

    def _tell_frame(self) -> None:
        frame = self.frame
        if frame[0] == 0x10:
            self.take(1, "start of a short frame")
        else:
            self.take(1, "start")
            self.take(2, "length, twice", str(frame[1]))
            self.take(1, "start")
        control = self.take(1, "control", header.control(link.control(frame)))[0]
        address = self.take(1, "address", header.address(frame[self.at]))[0]
        self.header.update(control=f"{control:02X}", address=address)
        if frame[0] == 0x68:
            ci = frame[link.CI]
            self.take(1, "CI", header.CIS.get(ci), None, ci in header.CIS)
            self.header["ci"] = f"{ci:02X}"
            self._tell_data(ci)
        self.take(1, "checksum")
        self.take(1, "end")

    def _tell_data(self, ci: int) -> None:
        records = mbus_records.Records(self.quirks)
        what = mbus_telegram.begin(records, self.frame)
        end = len(self.frame) - 2
        if what == mbus_telegram.SHORT:
            self._fail(f"the telegram of CI {ci:02X} is shorter than its header and counters")
        elif what == mbus_telegram.VARIABLE or what == mbus_telegram.ENCRYPTED:
            self._tell_header(mbus_telegram.header_len(ci))
            if what == mbus_telegram.ENCRYPTED:
                mode = mbus_telegram.mode(self.frame)
                self.header["encryption"] = mode
                self.error = (
                    f"the records are encrypted (mode {mode}): not readable without the key"
                )
                self.take(end - self.at, f"encrypted records (mode {mode})", understood=False)
            else:
                self._tell_records(records, end)
        elif what == mbus_telegram.COMMAND:
            self._tell_records(records, end)
            self._drop_commanded()
        elif what == mbus_telegram.FIXED:
            self._tell_fixed()
        elif what == mbus_telegram.APPLICATION_ERROR:
            code = self.frame[self.at] if self.at < end else 0
            text = names.APPLICATION_ERRORS.get(code, f"error {code}")
            self.error = f"the meter reports an application error: {text}"
            self.take(min(1, end - self.at), "application error", text)
        elif what == mbus_telegram.ALARM and self.at < end:
            self.header["alarm"] = f"{self.frame[self.at]:02X}"
            self.take(1, "alarm bits", f"{self.frame[self.at]:08b}")
        elif ci in (0x52, 0x56) and end - self.at >= 8:
            self._tell_selection(end, ci == 0x56)
        elif ci == 0x50 and self.at < end:
            self.take(1, "sub-code of the reset", f"{self.frame[self.at]:02X}")
        elif ci not in header.CIS:
            self._fail(f"CI {ci:02X} is none that this decoder reads")
        if self.at < end:
            self.take(end - self.at, "not read", understood=False)

    def _drop_commanded(self) -> None:
        # What a master sets is no reading: whoever takes records from a log must not find it.
        if self.records and self.error is None:
            self.error = "a command of the master, no meter's telegram: it holds no readings"
        self.records = []

    def _fail(self, error: str) -> None:
        self.valid, self.error = False, error

    def _number(self, n: int, meaning: str, value) -> str:
        msb_first = mbus_telegram.is_msb_first(self.frame[link.CI])
        raw = self.frame[self.at : self.at + n]
        text = value(raw if msb_first else raw[::-1])
        self.take(n, meaning, text)
        return text

    def _tell_identity(self) -> None:
        self.header["id"] = self._number(4, "identification", lambda b: b.hex().upper())
        self.header["manufacturer"] = self._number(2, "manufacturer", header.manufacturer)
        self.header["version"] = self.frame[self.at]
        self.take(1, "version", str(self.frame[self.at]))
        self.header["medium"] = header.medium(self.frame[self.at])
        self.take(1, "medium", self.header["medium"])

    def _tell_header(self, n: int) -> None:
        if n == mbus_telegram.LONG_HEADER:
            self._tell_identity()
        if n:
            self._tell_access()
            signature = self._number(2, "signature", lambda b: b.hex().upper())
            self.header["signature"] = signature

    def _tell_access(self) -> None:
        access, status = self.frame[self.at], self.frame[self.at + 1]
        self.header.update(access=access, status=f"{status:02X}")
        self.take(1, "access number", str(access))
        self.take(1, "status", header.status(status))

    def _tell_selection(self, end: int, msb_first: bool) -> None:
        wild = "any" if self.frame[self.at : self.at + 4] == b"\xff" * 4 else None
        raw = self.frame[self.at : self.at + 8]
        self.header["id"] = self._number(4, "identification", lambda b: wild or b.hex().upper())
        code = raw[4:6] if msb_first else raw[5:3:-1]
        self.take(2, "manufacturer", "any" if code == b"\xff\xff" else header.manufacturer(code))
        self.take(1, "version", "any" if raw[6] == 0xFF else str(raw[6]))
        self.take(1, "medium", "any" if raw[7] == 0xFF else header.medium(raw[7]))
        if self.at < end:
            records = mbus_records.Records()
            records.start(self.frame, self.at, end, msb_first, True)
            self._tell_records(records, end)
            self.records = []  # the fabrication number wanted, seen in the spans

    def _tell_records(self, records, end: int) -> None:
        while records.next():
            self._tell_gap(records.offset)
            self.records.append(tell(records, self.hexed, self.frame, self.base, self.spans))
            self.at = records.end
        if records.error:
            self._tell_gap(records.offset)
            where = self.base + records.offset
            self._fail(f"{names.WALK_ERRORS[records.error]} (record at byte {where})")
            self.take(end - self.at, "no sound record", understood=False)
        elif records.vendor_at >= 0:
            self._tell_gap(records.vendor_at - 1)
            more = "; more records follow in the next telegram" if records.more else ""
            self.take(1, "DIF: the manufacturer's data begin" + more)
            raw = self.take(end - self.at, "manufacturer's data", understood=False)
            self.header["manufacturer_data"] = raw.hex().upper()
        else:
            self._tell_gap(end)
        if not records.to_meter:
            self.header["more_follows"] = records.more

    def _tell_gap(self, until: int) -> None:
        while self.at < until:
            is_filler = self.frame[self.at] == 0x2F
            self.take(1, "filler" if is_filler else "DIF: readout of everything")

    def _tell_fixed(self) -> None:
        frame = self.frame
        self.header["id"] = self._number(4, "identification", lambda b: b.hex().upper())
        medium = names.FIXED_MEDIA[mbus_fixed.medium(frame)]
        access, status = frame[self.at], frame[self.at + 1]
        self.header.update(medium=medium, access=access, status=f"{status:02X}")
        self.take(1, "access number", str(access))
        kind = ("binary" if status & 0x80 else "BCD") + (", stored" if status & 0x40 else "")
        self.take(1, "status", f"counters {kind}")
        self.take(2, "medium and units", medium)
        counters = mbus_fixed.Counters()
        counters.start(frame)
        while counters.next():
            record = counter_of(counters, self.hexed, frame, self.base)
            self.records.append(record)
            known = record.quantity != UNKNOWN
            self.take(4, f"counter: {record.quantity}", record.value, record.unit, known)
