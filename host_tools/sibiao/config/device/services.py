"""What the services of a community's station are given, as constants of the firmware."""

from __future__ import annotations

from converter.link import dlt645
from converter.model import change
from converter.station import report

from sibiao.config import terms
from sibiao.config.device import identifiers
from sibiao.config.load import Loaded
from sibiao.config.schema.identifiers import WRITES, Write

_SHIFT = 0x33
# Services that are loaded only while somebody asks for them: control codes, whether it hears
# broadcasts, the identifiers that it alone knows.
_SELDOM = {
    "report": (
        (dlt645.READ_DATA, dlt645.WRITE_DATA), False, (report.STATUS, report.RESET, report.EVENTS)
    ),
    "broadcast_time": ((dlt645.BROADCAST_TIME,), True, ()),
    "valve": ((dlt645.WRITE_DATA,), False, ()),
    "write": ((dlt645.WRITE_DATA,), False, ()),
    "write_address": ((dlt645.WRITE_ADDRESS,), False, ()),
    "freeze": ((dlt645.FREEZE,), True, ()),
    "baud": ((dlt645.SET_BAUD,), False, ()),
    "password": ((dlt645.SET_PASSWORD,), False, ()),
    "clear_events": ((dlt645.CLEAR_EVENTS,), False, ()),
}  # fmt: skip
_CHANGE = {*_SELDOM} - {"report"}


def services(loaded: Loaded) -> tuple:
    """(module of converter.station, its arguments) of each service that the uplink names and that
    stays in memory."""
    return tuple(
        (name, _arguments(loaded, name)) for name in loaded.uplink.services if name not in _SELDOM
    )


def seldom(loaded: Loaded) -> tuple:
    """(module, arguments, control code, whether it hears broadcasts, identifiers) of each other
    one, a row for each code. Identifiers are as on the wire, 4 bytes each; none: any."""
    rows = []
    for name in loaded.uplink.services:
        controls, broadcast, asked = _SELDOM.get(name, ((), False, ()))
        wire = b"".join(di.to_bytes(4, "little") for di in asked)
        wire = bytes((byte + _SHIFT) & 0xFF for byte in wire)
        rows += [(name, _arguments(loaded, name), code, broadcast, wire) for code in controls]
    return tuple(rows)


def access(loaded: Loaded) -> tuple | None:
    """Limits of the access control, and the sealed button; None where nothing can be written."""
    reported = loaded.uplink.report
    asks = reported is not None and reported.acknowledge_level
    changes = _CHANGE & set(loaded.uplink.services)
    if not changes and not sealed(loaded) and not asks:
        return None
    policy, button = loaded.community.policy.access, loaded.board.button
    limits = (policy.wrong_passwords, policy.lock_minutes * 60, policy.window_minutes * 60)
    return limits, button and (button.gpio, int(button.active == "high"), button.pull_up)


def sealed(loaded: Loaded) -> int:
    return ("off", "writes", "all").index(loaded.uplink.sealed)


def _arguments(loaded: Loaded, name: str) -> tuple:
    return _ARGUMENTS[name](loaded) if name in _ARGUMENTS else ()


def jobs(loaded: Loaded) -> bytes | None:
    """None where nothing passes frames to meters; else what EA002301 is answered with, empty where
    no module speaks the collector's interface."""
    of = loaded.uplink.collector
    if of is None:
        return b"" if {"pass_through", "valve"} & set(loaded.uplink.services) else None
    date = of.version_date
    dated = bytes.fromhex(f"{date.day:02d}{date.month:02d}{date.year % 100:02d}")
    version = bytes.fromhex(of.version)[::-1]
    return of.vendor.encode()[::-1] + of.chip.encode()[::-1] + dated + version


def _read(loaded: Loaded) -> tuple:
    return identifiers.compiled(loaded.uplink, identifiers.texts_of(loaded.community))


def _write(loaded: Loaded) -> tuple:
    return (b"".join(_write_row(row) for row in loaded.uplink.writes),)


def _write_row(row: Write) -> bytes:
    what, bytes_ = WRITES[row.what]
    level = row.level | (0x80 if _is_by_point(row) else 0)
    digits = terms.bytes_of(row.format) if row.what == "dial" else 0
    exponent = 16 - terms.decimals(row.format)
    return _wire(row) + bytes((getattr(change, what), level, bytes_ + digits, exponent))


def _is_by_point(row: Write) -> bool:
    return "**" in row.di


def _wire(row: Write) -> bytes:
    return terms.wire(row.di.replace("**", "00"))


_POLYNOMIALS = {"off": 0, "8005": 0xA001, "1021": 0x8408}  # reflected

_ARGUMENTS = {
    "read": _read,
    "pass_through": lambda loaded: (_POLYNOMIALS[loaded.uplink.archive_crc],),
    "report": lambda loaded: (
        loaded.uplink.report.separators,
        loaded.uplink.report.acknowledge_level,
    ),
    "write": _write,
}
