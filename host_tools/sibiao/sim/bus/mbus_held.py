"""What a simulated M-Bus meter holds: the published telegrams of one reading, values patched in,
the checksum computed here, never by the firmware's codec."""

from __future__ import annotations

from sibiao.errors import SibiaoError
from sibiao.sim.bus import mbus_records as data
from sibiao.sim.bus.mbus_frame import telegram_of
from sibiao.sim.bus.values import hexadecimal

_VARIABLE = (0x72, 0x76)
_FIXED = (0x73, 0x77)
_ANYTHING = 0xFF


class Held:
    """`access`: its access number, None where no telegram has one."""

    def __init__(self, telegrams: list[bytes], name: str):
        self.name = name
        self.telegrams = [bytearray(telegram_of(t, name)) for t in telegrams]
        first = self.telegrams[0]
        self.access = first[15] if first[6] in _VARIABLE else first[11] if self.fixed else None

    @property
    def fixed(self) -> bool:
        return self.telegrams[0][6] in _FIXED

    @property
    def secondary(self) -> bytes | None:
        """ID (low first), manufacturer, version, medium. FF: the fixed structure has it not;
        None: a telegram without header."""
        first = self.telegrams[0]
        head = bytes(first[7:15])
        if first[6] == 0x72:
            return head
        if first[6] == 0x76:
            return head[3::-1] + head[5:3:-1] + head[6:]
        return head[:4] + b"\xff" * 4 if self.fixed else None

    def set(self, name: str, text: str) -> None:
        """A value by its name ("volume") or its record's DIF and VIF ("0C13"); "header_status" is
        the status byte of its header."""
        where = f"meter {self.name!r}, {name}"
        if name == "header_status":
            return self._set_status(text, where)
        for frame in self.telegrams:
            record = data.find(frame, name)
            if record:
                raw = data.encoded(record, name, text, where)
                frame[record.at : record.at + record.length] = raw
                return
        known = ", ".join(n for frame in self.telegrams for n in data.names(frame))
        raise SibiaoError(f"{where}: it has not this; it has: {known}")

    def _set_status(self, text: str, where: str) -> None:
        status = hexadecimal(text, where)
        if len(status) != 1 or any(frame[6] not in _VARIABLE for frame in self.telegrams):
            raise SibiaoError(f"{where}: one byte, and only of telegrams with a header")
        for frame in self.telegrams:
            frame[16:17] = status

    def matches(self, mask: bytes, fabrication: bytes | None) -> bool:
        """Whether a selection's mask, low byte first, is of this meter."""
        mine = self.secondary
        if mine is None or len(mask) < 8:
            return False
        digits = zip(mask[3::-1].hex(), mine[3::-1].hex(), strict=True)
        if any(want not in ("f", has) for want, has in digits):
            return False
        for want, has in zip(mask[4:8], mine[4:], strict=True):
            if want not in (_ANYTHING, has) and not self.fixed:
                return False
        return len(mask) == 8 or (
            mask[8:10] == b"\x0c\x78" and fabrication == mask[10:14] and len(mask) == 14
        )

    def fabrication(self) -> bytes | None:
        for frame in self.telegrams:
            record = data.find(frame, "0C78")
            if record:
                return bytes(frame[record.at : record.at + 4])
        return None

    def now(self, telegram: bytearray, primary: int, stranger: bool = False) -> bytes:
        frame = bytearray(telegram)
        frame[5] = primary
        if self.access is not None:
            frame[15 if frame[6] in _VARIABLE else 11] = self.access
        if stranger:
            frame[10 if frame[6] == 0x76 else 7] ^= 0x01
        frame[-2] = sum(frame[4:-2]) & 0xFF
        return bytes(frame)

    def keep(self, key: str, raw: bytes) -> None:
        for frame in self.telegrams:
            record = data.find(frame, key)
            if record and record.length == len(raw):
                frame[record.at : record.at + record.length] = raw

    def identify(self, number: bytes) -> None:
        """number: ID, low byte first, or the whole secondary address."""
        if len(number) not in (4, 8):
            raise SibiaoError(f"meter {self.name!r}: an M-Bus identification has 8 digits")
        for frame in self.telegrams:
            if frame[6] == 0x76:
                frame[7:11] = number[3::-1]
                frame[11:15] = number[5:3:-1] + number[6:] if number[4:] else frame[11:15]
            elif frame[6] == 0x72:
                frame[7 : 7 + len(number)] = number
            elif frame[6] in _FIXED:
                frame[7:11] = number[:4]
