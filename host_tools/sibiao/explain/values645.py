"""The words and value formats of DL/T 645-2007 (clause 7 and annex C)."""

from __future__ import annotations

from converter.codec import bcd

from sibiao.explain import frames
from sibiao.explain.services645 import EVENT_NAMES

FUNCTIONS = {
    0x01: "read data (DL/T 645-1997)",
    0x03: "security authentication",
    0x08: "broadcast time",
    0x11: "read data",
    0x12: "read follow-up data",
    0x13: "read address",
    0x14: "write data",
    0x15: "write address",
    0x16: "freeze",
    0x17: "change baud rate",
    0x18: "change password",
    0x19: "clear maximum demand",
    0x1A: "clear meter",
    0x1B: "clear events",
    0x1C: "relay",
    0x1D: "terminal output",
    0x1F: "extension for several meters",
}
ERRORS = (
    "other error",
    "no such data",
    "wrong password or not authorised",
    "baud rate cannot be changed",
    "too many year zones",
    "too many day slots",
    "too many tariffs",
)
SECURITY_ERRORS = (
    "other error",
    "recharged twice",
    "ESAM verification failed",
    "identity authentication failed",
    "client number does not match",
    "recharge count wrong",
    "more than may be hoarded",
    "address abnormal",
    "meter suspended",
)
# Codes of 17H.
BAUDS = {0x02: 600, 0x04: 1200, 0x08: 2400, 0x10: 4800, 0x20: 9600, 0x40: 19200}


def value(raw: bytes, how: str, exponent: int) -> str | None:
    n = len(raw)
    if how == "undecided":
        return None
    if how == "text":
        text = raw[::-1].replace(b"\0", b"").strip()
        return text.decode("ascii") if all(0x20 <= b < 0x7F for b in text) else None
    if how == "bits":
        return f"{int.from_bytes(raw, 'little'):0{8 * n}b}"
    if how == "baud":
        return str(BAUDS[raw[0]]) if raw[0] in BAUDS else None
    if how == "count":
        return str(int.from_bytes(raw, "little"))
    if how == "valve":
        return {0x55: "open", 0x99: "close"}.get(raw[0])
    if how == "digits":
        return frames.hexed(raw[::-1])
    signed = how.endswith("s")
    negative = signed and raw[-1] & 0x80
    if negative:
        raw = raw[:-1] + bytes((raw[-1] & 0x7F,))
    number = bcd.decode(raw, 0, n)
    if number is None:
        return None
    if how == "event":
        return EVENT_NAMES.get(number, str(number))
    if how[0].isdigit():
        return frames.plain(-number if negative else number, exponent - int(how.rstrip("s")))
    return _date(f"{number:0{2 * n}d}", how)


def _date(d: str, how: str) -> str | None:
    """Digits, most significant first, as a date: two digits of a year are of this century."""
    part = {how[k : k + 2]: d[k : k + 2] for k in range(0, len(how), 2)}
    if "YY" not in part and "DD" in part:
        return f"day {part['DD']}, {part['hh']}:00"
    date = "20" + "-".join(part[p] for p in ("YY", "MM", "DD")) if "YY" in part else ""
    time = ":".join(part[p] for p in ("hh", "mm", "ss") if p in part)
    return date + "T" * bool(date and time) + time
