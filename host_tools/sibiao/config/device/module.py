"""The communication module and the reports, as constants of the firmware."""

from __future__ import annotations

from converter.model import alarms, events

from sibiao.config import terms
from sibiao.config.load import Loaded

# With the level at which each is active.
MODULE_PINS = {"power": 1, "reset": 0, "set": 0, "event": 1, "sta": 1}

_ALARM = "alarm-"
_ANY = 0xFF


def names_of(module) -> dict[str, int]:
    """What its constants are called in configurations."""
    numbers = {name: code for name, code in vars(module).items() if isinstance(code, int)}
    return {
        name.lower().replace("_", "-"): code
        for name, code in numbers.items()
        if not name.startswith("_") and name not in ("CAPACITY", "COUNT")
    }


def module(loaded: Loaded) -> tuple | None:
    """((GPIO, active level) or None of each pin, (rates, seconds at each, seconds of silence) or
    None), or None where there is no module and no EVENT pin to drive."""
    wanted, board = loaded.uplink.module, loaded.board.module
    if wanted is None and (loaded.uplink.report is None or board is None):
        return None
    pins = tuple(_pin(board, name) for name in MODULE_PINS)
    if wanted is None:
        return pins, None
    return pins, (tuple(wanted.bind_bauds), wanted.bind_listen_s, wanted.rebind_after_s)


def _pin(board, name: str) -> tuple | None:
    gpio = board and getattr(board, name)
    if gpio is None:
        return None
    return gpio, MODULE_PINS[name] ^ (name in board.inverted)


def reports(loaded: Loaded) -> bytes | None:
    """Rows of store.reports, or None."""
    report = loaded.uplink.report
    if report is None:
        return None
    where = f"uplink {loaded.community.uplink!r}, status_bits"
    return b"".join(report_row(name, bit, where) for name, bit in report.status_bits.items())


def report_row(name: str, bit: int, where: str) -> bytes:
    if name.startswith(_ALARM):
        alarm = terms.lookup(names_of(alarms), name.removeprefix(_ALARM), "alarm", where)
        return bytes((events.ALARM, alarm, bit))
    return bytes((terms.lookup(names_of(events), name, "event", where), _ANY, bit))
