"""The fields before an M-Bus telegram's data, in words: control, address, CI, header."""

from __future__ import annotations

from converter.link import mbus as link

from sibiao.explain import mbus_names as names

_CONTROLS = {
    0x40: "SND_NKE: initialise",
    0x53: "SND_UD: data for the meter",
    0x5A: "REQ_UD1: alarms wanted",
    0x5B: "REQ_UD2: readings wanted",
    0x49: "REQ_SKE: status wanted",
    0x08: "RSP_UD: data from the meter",
    0x0B: "RSP_SKE: status of the meter",
    0x00: "ACK",
}
CIS = {
    0x50: "application reset",
    0x51: "data for the meter",
    0x52: "selection of a meter",
    0x54: "synchronise",
    0x55: "data for the meter (mode 2)",
    0x56: "selection of a meter (mode 2)",
    0x70: "application error",
    0x71: "alarm",
    0x72: "variable structure",
    0x73: "fixed structure",
    0x76: "variable structure (mode 2)",
    0x77: "fixed structure (mode 2)",
    0x78: "variable structure without header",
    0x7A: "variable structure, short header",
} | {0xB8 + k: f"baud rate {300 << k}" for k in range(8)}
_STATUS_BITS = ("power low", "permanent error", "temporary error")
_APPLICATION = ("", "application busy", "application error", "alarm")


def manufacturer(code: bytes) -> str:
    """The three letters of a manufacturer's number (2 bytes, high first)."""
    number = code[0] << 8 | code[1]
    return "".join(chr(64 + (number >> shift & 0x1F)) for shift in (10, 5, 0))


def control(c: int) -> str:
    if c & link.FROM_MASTER:
        text = _CONTROLS.get(c & 0x5F, f"function {c & 0x0F}")
        return text + (", FCB" if c & link.FCB else "")
    flags = ", more data (ACD)" * (c >> 5 & 1) + ", busy (DFC)" * (c >> 4 & 1)
    return _CONTROLS.get(c & 0x4F, f"function {c & 0x0F}") + flags


def address(a: int) -> str:
    special = {
        link.UNCONFIGURED: "unconfigured",
        link.SELECTED: "the selected meter",
        link.ANY: "any, all answer",
        link.BROADCAST: "all, none answers",
    }
    return special.get(a, str(a))


def medium(code: int) -> str:
    return names.MEDIA.get(code, f"reserved ({code:02X})")


def status(code: int) -> str:
    words = [_APPLICATION[code & 3]] if code & 3 else []
    words += [text for k, text in enumerate(_STATUS_BITS) if code >> (k + 2) & 1]
    if code >> 5:
        words.append(f"of the manufacturer: {code >> 5:03b}")
    return ", ".join(words) or "no error"
