"""A CJ/T 188 meter made from its profile: values patched into the published telegram, the
checksum computed here, never by the firmware's codec."""

from __future__ import annotations

from sibiao.config.schema.cjt188 import Cjt188Meter
from sibiao.errors import SibiaoError
from sibiao.sim.bus.cjt188_body import Body188, wired
from sibiao.sim.bus.meter import Reply, Settings
from sibiao.sim.wire import NS_PER_MS

_PAUSE_NS = 100 * NS_PER_MS  # within a frame; after a longer one another begins
_LONGEST = 13 + 255
_ANY = b"\xaa" * 7
_CURRENT = 0x901F

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
        plain = bytes((b - self._shift) & 0xFF for b in frame[14:-2])
        self._body = Body188(profile, plain, name)
        if address:
            self.address = wired(bytes.fromhex(address), profile.dialect.address_order)
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
            self.registers[0xD120 + month] = self._body.total()

    def settings(self, now_ns: int) -> Settings:
        return self.home

    def set(self, quantity: str, text: str) -> None:
        """Written as in a profile's golden values: "12.5 m3", "unknown", a time, a status."""
        self._body.set(quantity, text)

    @property
    def status(self) -> bytes:
        return self._body.status

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
                bytes(self._body.plain)
                if function == int(self._profile.request.function, 16)
                else None
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
            self._body.set_clock(plain)
        elif di == 0xA016:
            self._body.set_total(plain)
        elif di == 0xA017:
            self._body.set_valve(_VALVE[plain[0]])
        elif di == 0xA018:
            self.address = plain
        return {"status": self.status, "mirror": plain, "key": plain[:1], "": b""}[holds]

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
