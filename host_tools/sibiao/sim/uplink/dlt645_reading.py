"""One read of DL/T 645-2007 as an electricity meter does it: the request, and a strict look at
what came back. A few lines of its own, apart from the firmware's codec.
"""

from __future__ import annotations

from dataclasses import dataclass

from sibiao.sim.bcd import get_bcd
from sibiao.sim.quantity import Quantity

_READ, _FOLLOW, _ANSWER, _ERROR, _MORE = 0x11, 0x12, 0x80, 0x40, 0x20
PREAMBLE = b"\xfe" * 4  # clause 5.3.1


@dataclass(frozen=True)
class ReadItem:
    """One register to read, or a frame of a block. An `A` in the address is a wildcard digit of
    the standard."""

    name: str
    address: str  # 12 digits as printed on the device
    di: str  # 8 hex digits, DI3 first
    digits: int
    decimals: int
    unit: str
    signed: bool = False
    follow: int = 0  # SEQ of a frame that follows; 0: the first, or the only one
    more: bool = False  # its answer says that more follows

    def __post_init__(self):
        if len(bytes.fromhex(self.address)) != 6:
            raise ValueError(f"{self.name}: an address has 12 digits, not {self.address!r}")
        if len(bytes.fromhex(self.di)) != 4:
            raise ValueError(f"{self.name}: a data identifier has 8 digits, not {self.di!r}")

    @property
    def size(self) -> int:
        return (self.digits + 1) // 2


class Refused(Exception):
    """A whole frame came, but it does not bring the value; says why in a few words."""


class ErrorAnswer(Refused):
    """The station itself says that it has no value. To ask again would bring the same."""


def request(item: ReadItem) -> bytes:
    """Preamble and frame."""
    data = bytes.fromhex(item.di)[::-1]
    if item.follow:
        return PREAMBLE + made_frame(item.address, _FOLLOW, data + bytes((item.follow,)))
    return PREAMBLE + made_frame(item.address, _READ, data)


def made_frame(address: str, control: int, data: bytes = b"") -> bytes:
    """A frame of plain data, which goes out with 33H added. The address as printed."""
    frame = b"\x68" + bytes.fromhex(address)[::-1] + bytes([0x68, control, len(data)])
    frame += bytes(byte + 0x33 & 0xFF for byte in data)
    return frame + bytes([sum(frame) & 0xFF, 0x16])


def find_frame(heard: bytes, at: int = 0) -> bytes | None:
    """The first sound frame from there on, whatever preamble or noise stands before it."""
    at = heard.find(0x68, at)
    while at >= 0:
        if len(heard) >= at + 12 and heard[at + 7] == 0x68:
            end = at + 12 + heard[at + 9]
            frame = heard[at:end]
            whole = len(heard) >= end and frame[-1] == 0x16
            if whole and sum(frame[:-2]) & 0xFF == frame[-2]:
                return frame
        at = heard.find(0x68, at + 1)
    return None


def sender(frame: bytes) -> str:
    """The address in a frame, as printed."""
    return frame[6:0:-1].hex().upper()


def is_from(address: str, frame: bytes) -> bool:
    """Whether its address is the one that was asked. An `A` stands for any digit."""
    return all(a in ("A", b) for a, b in zip(address.upper(), sender(frame), strict=True))


def plain_data(frame: bytes) -> bytes:
    """The data field with 33H taken off again."""
    return bytes(byte - 0x33 & 0xFF for byte in frame[10:-2])


def read_answer(item: ReadItem, frame: bytes) -> Quantity:
    """The value in a sound frame, or `Refused` for anything but the plain answer to `item`."""
    return Quantity(_number(item, answer_field(item, frame)), -item.decimals, item.unit)


def answer_field(item: ReadItem, frame: bytes) -> bytes:
    """The value's bytes as they stand in a sound frame, low byte first; else `Refused`."""
    if not is_from(item.address, frame):
        raise Refused(f"answered by {sender(frame)}")
    data = plain_data(frame)
    control = (_FOLLOW if item.follow else _READ) | _ANSWER
    if frame[8] == control | _ERROR:
        raise ErrorAnswer(f"error {data.hex().upper()}")
    if frame[8] != control | _MORE * item.more:
        raise Refused(f"control {frame[8]:02X}")
    size = 4 + item.size + bool(item.follow)
    if len(data) != size:
        raise Refused(f"{len(data)} bytes of data, not {size}")
    if data[3::-1].hex().upper() != item.di.upper():
        raise Refused(f"DI {data[3::-1].hex().upper()}")
    if item.follow and data[-1] != item.follow:
        raise Refused(f"SEQ {data[-1]}")
    return data[4 : 4 + item.size]


def _number(item: ReadItem, field: bytes) -> int:
    negative = item.signed and field[-1] & 0x80
    if negative:
        field = field[:-1] + bytes([field[-1] & 0x7F])
    value = get_bcd(field)
    if value is None or value >= 10**item.digits:
        raise Refused(f"{field[::-1].hex().upper()} is no number")
    return -value if negative else value
