"""Frames of wired M-Bus, by the simulators' own code, with a checksum of their own."""

from __future__ import annotations

from sibiao.errors import SibiaoError
from sibiao.sim.bus import mbus_records as data


def framed(control: int, address: int, ci: int, rest: bytes) -> bytes:
    body = bytes((control, address, ci)) + rest
    length = len(body)
    return bytes((0x68, length, length, 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))


def find_frame(heard: bytes) -> bytes | None:
    """The sound frame that ends with the last byte heard."""
    if heard[-1:] != b"\x16":
        return None
    if len(heard) >= 5 and heard[-5] == 0x10 and sum(heard[-4:-2]) & 0xFF == heard[-2]:
        return bytes(heard[-5:])
    at = heard.find(0x68)
    while at >= 0 and len(heard) - at >= 9:
        frame = bytes(heard[at:])
        whole = frame[1] == frame[2] == len(frame) - 6 and frame[3] == 0x68
        if whole and sum(frame[4:-2]) & 0xFF == frame[-2]:
            return frame
        at = heard.find(0x68, at + 1)
    return None


def telegrams_of(text: bytes, name: str) -> list[bytes]:
    """The long frames in a published telegram: one, or several of one reading."""
    found, begin = [], 0
    for end in range(1, len(text) + 1):
        frame = find_frame(text[begin:end])
        if frame and frame[0] == 0x68:
            found.append(frame)
            begin = end
    if not found:
        raise SibiaoError(f"meter {name!r}: its published telegram is no sound M-Bus frame")
    return found


def telegram_of(text: bytes, name: str) -> bytes:
    return telegrams_of(text, name)[0]


def split(telegram: bytes, after: int) -> list[bytes]:
    """One telegram as two: the first holds `after` records and says that more follow."""
    found, _ = data.records(telegram)
    if not 0 < after < len(found):
        raise SibiaoError(f"a telegram of {len(found)} records is not cut behind {after}")
    last = found[after - 1]
    at, begin = last.at + last.length, 7 + data.header_length(telegram)
    more = bytes([data.MORE_FOLLOWS])
    parts = (telegram[7:at] + more, telegram[7:begin] + telegram[at:-2])
    return [framed(telegram[4], telegram[5], telegram[6], part) for part in parts]
