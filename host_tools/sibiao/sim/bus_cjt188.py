"""A CJ/T 188 meter made from its profile: values patched into the published telegram, the
checksum computed here, never by the firmware's codec."""

from __future__ import annotations

from decimal import Decimal

from sibiao.config.schema_meter import Cjt188Meter, Field188
from sibiao.errors import SibiaoError
from sibiao.sim import bus_values as values
from sibiao.sim.bcd import put_bcd
from sibiao.sim.bus_meter import Reply, Settings
from sibiao.sim.wire import NS_PER_MS

_PAUSE_NS = 100 * NS_PER_MS  # within a frame; after a longer one another begins
_LONGEST = 13 + 255
_ANY = b"\xaa" * 7
_CURRENT = 0x901F

# Unit byte -> unit of bus_values, and how many of it.
_UNIT_BYTES = {
    0x01: ("J", 1),
    0x02: ("Wh", 1),
    0x05: ("kWh", 1),
    0x08: ("MWh", 1),
    0x0A: ("MWh", 100),
    0x0B: ("kJ", 1),
    0x0E: ("MJ", 1),
    0x11: ("GJ", 1),
    0x13: ("GJ", 100),
    0x14: ("W", 1),
    0x17: ("kW", 1),
    0x1A: ("MW", 1),
    0x29: ("L", 1),
    0x2C: ("m3", 1),
    0x32: ("L/h", 1),
    0x35: ("m3/h", 1),
}
_ABSENT = {"99": 0x99, "00": 0x00, "FF": 0xFF}
_VALVE = {0x55: 0, 0x99: 1}  # command -> ST0 bits 0 and 1

# What is written: identifier -> (function, bytes of data; what the answer holds).
_WRITES = {
    0xA010: (0x04, 16, "status"),
    0xA011: (0x04, 1, ""),
    0xA012: (0x04, 1, ""),
    0xA013: (0x04, 5, "mirror"),
    0xA014: (0x04, 9, "key"),
    0xA015: (0x04, 7, ""),
    0xA016: (0x16, 5, "status"),
    0xA017: (0x04, 1, "status"),
    0xA018: (0x15, 7, ""),
    0xA019: (0x04, None, ""),
}
_KEPT = {0xA011: 0x8103, 0xA012: 0x8104}  # written here, read there


def framed(head: bytes, control: int, data: bytes) -> bytes:
    """head: 68, type and address."""
    frame = head + bytes((control, len(data))) + data
    return frame + bytes((sum(frame) & 0xFF, 0x16))


def find_frame(data: bytes) -> tuple[int, int] | None:
    """Where a sound frame begins and ends, whatever stands around it."""
    at = data.find(0x68)
    while at >= 0:
        end = at + 13 + data[at + 10] if len(data) > at + 10 else len(data) + 1
        whole = end <= len(data) and data[end - 1] == 0x16
        if whole and sum(data[at : end - 2]) & 0xFF == data[end - 2]:
            return at, end
        at = data.find(0x68, at + 1)
    return None


class CjtMeter:
    """Answers to its own address and to AA×7. `registers` holds what other identifiers read
    (identifier -> plain bytes), `refused` those that are refused with ST, `writes` is what was
    written: (identifier, plain bytes)."""

    echoes = False
    fall_back_ns = None

    def __init__(
        self,
        profile: Cjt188Meter,
        name: str = "meter",
        *,
        address: str | None = None,
        given: dict[str, str] | None = None,
        golden: int = 0,
        address_in_data: bool = True,
        delay_ns: int = 60 * NS_PER_MS,
    ):
        self.name = name
        self.address_in_data = address_in_data
        self.delay_ns = delay_ns
        self.refused: set[int] = set()
        self.writes: list[tuple[int, bytes]] = []
        self.home: Settings = (profile.line.baud, profile.line.parity)
        self._profile = profile
        self._fields = {f.quantity: f for f in profile.fields}
        self._shift = 0x33 if profile.dialect.data_plus_33 else 0
        telegram = bytes.fromhex(profile.golden[golden].telegram)
        found = find_frame(telegram)
        if not found:
            raise SibiaoError(f"meter {name!r}: its published telegram is no sound frame")
        at, end = found
        self._before, self._after = telegram[:at], telegram[end:]
        frame = telegram[at:end]
        self._type = frame[1]
        self.address = frame[2:9]
        self._body = bytearray((b - self._shift) & 0xFF for b in frame[14:-2])
        if address:
            self.address = self._wire(bytes.fromhex(address), profile.dialect.address_order)
        if len(self.address) != 7:
            raise SibiaoError(f"meter {name!r}: a CJ/T 188 address has 14 digits")
        self.registers = {
            0x8102: bytes(15),
            0x8103: b"\x01",
            0x8104: b"\x01",
            0x8105: bytes(15),
            0x8106: b"\x00",
        }
        self._heard = bytearray()
        self._heard_ns = 0
        for quantity, text in (given or {}).items():
            self.set(quantity, text)
        for month in range(12):
            self.registers[0xD120 + month] = self._total()

    def settings(self, now_ns: int) -> Settings:
        return self.home

    def set(self, quantity: str, text: str) -> None:
        """Written as in a profile's golden values: "12.5 m3", "unknown", a time, a status."""
        where = f"meter {self.name!r}, {quantity}"
        field = self._fields.get(quantity)
        if not field:
            raise SibiaoError(f"{where}: it has not this; it has: {', '.join(self._fields)}")
        at = field.offset
        self._body[at : at + field.width] = self._written(field, text, where)

    @property
    def status(self) -> bytes:
        field = self._fields.get("meter_status")
        if not field:
            return b"\x00\x00"
        return bytes(self._body[field.offset : field.offset + field.width]).ljust(2, b"\x00")

    def _written(self, field: Field188, text: str, where: str) -> bytes:
        dialect = self._profile.dialect
        if field.is_status:
            status = bytes.fromhex(text)
            if len(status) != field.width:
                raise SibiaoError(f"{where}: {text!r} has not {field.width} bytes")
            return status
        if text == values.UNKNOWN:
            if field.has_unit_byte and self._body[self._unit_at(field)] not in _UNIT_BYTES:
                return bytes(self._body[field.offset : field.offset + field.width])
            patterns = [_ABSENT[p] for p in dialect.absent]
            if field.coding == "binary" and not patterns:
                raise SibiaoError(f"{where}: this meter cannot say that it has a value not")
            usual = 0x00 if field.is_clock else 0xFF  # a meter without a clock sends zeros
            return bytes([patterns[0] if patterns else usual]) * field.width
        if field.is_clock:
            stamp = int(values.moment(text, where).strftime("%Y%m%d%H%M%S"))
            return self._wire(put_bcd(stamp, 7)[::-1], dialect.clock_order)
        resolution = self._resolution(field, text, where)
        count = values.whole(values.amount(text, where)[0], resolution, text, where)
        try:
            if field.coding == "binary":
                raw = count.to_bytes(field.width, "big")
            else:
                raw = put_bcd(count, field.width)[::-1]
        except (ValueError, OverflowError) as error:
            raise SibiaoError(f"{where}: {text!r} does not fit into {field.format}") from error
        return self._wire(raw, dialect.number_order)

    def _resolution(self, field: Field188, text: str, where: str) -> Decimal:
        """What one step of the field is worth. The published unit byte stays where it suits."""
        step = Decimal(10) ** -len(field.format.partition(".")[2])
        value, kind = values.amount(text, where)
        if not field.has_unit_byte:
            own, size = values.size_of(field.unit)
            if own != kind:
                raise SibiaoError(f"{where}: {text!r} is not in {field.unit}")
            return step * size
        at = self._unit_at(field)
        if not value and not self._body[at]:
            return step  # a new meter's zero has no unit yet
        name, many = _UNIT_BYTES.get(self._body[at], ("", 1))
        own, size = values.size_of(name)
        if own != kind:
            wanted = text.strip().partition(" ")[2]
            codes = [c for c, unit in _UNIT_BYTES.items() if unit == (wanted, 1)]
            if not codes:
                raise SibiaoError(f"{where}: CJ/T 188 has no unit byte for {text!r}")
            self._body[at] = codes[0]
            own, size = values.size_of(wanted)
            many = 1
        return step * size * many

    def _unit_at(self, field: Field188) -> int:
        before = self._profile.dialect.unit_position == "before"
        return field.offset - 1 if before else field.offset + field.width

    def _main(self) -> Field188:
        names = ("settlement_volume", "settlement_energy", "volume", "energy")
        return next(self._fields[n] for n in names if n in self._fields)

    def _total(self) -> bytes:
        """4 bytes and a unit, as the history has them: what the last settlement was."""
        field = self._main()
        number = bytes(self._body[field.offset : field.offset + field.width])
        unit = bytes([self._body[self._unit_at(field)]]) if field.has_unit_byte else b""
        return unit + number if self._profile.dialect.unit_position == "before" else number + unit

    def _wire(self, high_first: bytes, order: str) -> bytes:
        return high_first if order == "high first" else high_first[::-1]

    def hear(self, byte: int, now_ns: int) -> list[Reply]:
        if now_ns - self._heard_ns > _PAUSE_NS:
            self._heard.clear()
        self._heard_ns = now_ns
        self._heard.append(byte)
        del self._heard[:-_LONGEST]
        found = find_frame(self._heard) if byte == 0x16 else None
        if not found:
            return []
        request = bytes(self._heard[found[0] : found[1]])
        self._heard.clear()
        return self._consider(request)

    def _consider(self, request: bytes) -> list[Reply]:
        types = (int(self._profile.request.type, 16), self._type, 0xAA)
        mine = request[1] in types and request[2:9] in (self.address, _ANY)
        if not mine or request[9] & 0xC0 or request[10] < 3:
            return []
        wire_di = request[11:13]
        pair = [(b - self._shift) & 0xFF for b in wire_di]
        if self._profile.request.mirrored:
            pair.reverse()
        di = pair[0] << 8 | pair[1]
        plain = bytes((b - self._shift) & 0xFF for b in request[14:-2])
        if self._knows(pair[1] << 8 | pair[0]) and not self._knows(di):
            return []  # it takes the two bytes in the other order
        answer = None if di in self.refused else self._answer(request[9], di, plain)
        if answer is None:
            data = request[13:14] + self._shifted(self.status)
            return [self._reply(request[9] | 0xC0, data)]
        data = wire_di + request[13:14] + self._shifted(answer)
        return [self._reply(request[9] | 0x80, data, whole=di == _CURRENT)]

    def _knows(self, di: int) -> bool:
        return di in self.registers or di in _WRITES or di in (_CURRENT, 0x810A)

    def _answer(self, function: int, di: int, plain: bytes) -> bytes | None:
        """The plain body of the answer; None: refused."""
        if di == _CURRENT:
            return (
                bytes(self._body) if function == int(self._profile.request.function, 16) else None
            )
        if di == 0x810A and function == 0x03:
            return self.address if self.address_in_data else b""
        if di in self.registers and function == (0x09 if di == 0x8106 else 0x01):
            return self.registers[di]
        if di in _WRITES and function == _WRITES[di][0]:
            return self._write(di, plain)
        return None

    def _write(self, di: int, plain: bytes) -> bytes | None:
        _, length, holds = _WRITES[di]
        if length not in (None, len(plain)) or (di == 0xA017 and plain[0] not in _VALVE):
            return None
        self.writes.append((di, plain))
        if di in _KEPT:
            self.registers[_KEPT[di]] = plain
        elif di == 0xA010:
            self.registers[0x8102] = plain[:15]
        elif di == 0xA015:
            self._set_clock(plain)
        elif di == 0xA016:
            self._sync(plain)
        elif di == 0xA017 and "meter_status" in self._fields:
            at = self._fields["meter_status"].offset
            self._body[at] = self._body[at] & 0xFC | _VALVE[plain[0]]
        elif di == 0xA018:
            self.address = plain
        return {"status": self.status, "mirror": plain, "key": plain[:1], "": b""}[holds]

    def _set_clock(self, plain: bytes) -> None:
        field = self._fields.get("meter_time")
        if field:
            high = self._wire(plain, self._profile.dialect.set_clock_order)
            raw = self._wire(high, self._profile.dialect.clock_order)
            self._body[field.offset : field.offset + 7] = raw

    def _sync(self, plain: bytes) -> None:
        field = self._fields.get("volume") or self._fields["energy"]
        before = self._profile.dialect.unit_position == "before"
        number, unit = (plain[1:], plain[0]) if before else (plain[:4], plain[4])
        self._body[field.offset : field.offset + 4] = number
        if field.has_unit_byte:
            self._body[self._unit_at(field)] = unit

    def _shifted(self, plain: bytes) -> bytes:
        return bytes((b + self._shift) & 0xFF for b in plain)

    def _reply(self, control: int, data: bytes, whole: bool = False) -> Reply:
        """whole: with what the published telegram has before and behind its frame."""
        before = self._before if whole else b"\xfe" * self._before.count(0xFE)
        after = self._after if whole else b""
        head = bytes((0x68, self._type))
        frame = framed(head + self.address, control, data)
        other = bytes([self.address[0] ^ 0x01]) + self.address[1:]
        stranger = before + framed(head + other, control, data) + after
        sum_at = len(before) + len(frame) - 2
        return Reply(before + frame + after, self.delay_ns, sum_at, stranger)
