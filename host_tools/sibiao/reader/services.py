"""Services beside 14H as `sibiao write` orders them: what is asked for, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.explain.values645 import BAUDS
from sibiao.reader.catalog import CONVERTER, Station
from sibiao.reader.client import Client, wire
from sibiao.reader.exchange import ANYBODY, ErrorWord, NoAnswer
from sibiao.reader.line import UplinkPort
from sibiao.reader.password import password

_ADDRESS = "04000401"
_VALVE = "E0**F000"
_TO = {"open": 0x55, "close": 0x99}
_AT_ONCE = "99999999"
_METER_MS = 3500  # in which the converter waits for the meter
_WINDOW = (
    "the programming window must be open: hold the button under the seal for a second, or "
    "`window MINUTES` on the USB console"
)


class Asked(Protocol):
    """What the person at the tool says."""

    operator: str

    def level(self, usual: str) -> int: ...

    def by(self, usual: str) -> bytes: ...


@dataclass(frozen=True)
class Order:
    """`said`: what would be done. `run(client, line, asked)` does it and says what came of it."""

    said: str
    run: Callable[[Client, UplinkPort, Asked], str]


def ordered(loaded: Loaded, station: Station, what: str, text: str | None) -> Order:
    """SibiaoError says why it cannot be asked for."""
    services = loaded.uplink.services
    if what not in services:
        known = ", ".join(name for name in SERVICES if name in services) or "none"
        raise SibiaoError(
            f"uplink {loaded.community.uplink!r} has no service {what!r}; it has: {known}"
        )
    make, values = SERVICES[what]
    if not values[0] <= (text is not None) <= values[1]:
        raise SibiaoError(f"{what} needs a value" if text is None else f"{what} takes no value")
    return make(loaded, station, text)


def _broadcast_time(loaded, station, text):
    def run(client, line, asked):
        client.set_time(datetime.now())
        return "sent; nobody answers to it: read the clock to see who believed it"

    return Order("Tell all converters on the line the time of this computer", run)


def _clear_events(loaded, station, text):
    def run(client, line, asked):
        client.clear_events(station.address, asked.by("04"), asked.operator)
        return _acknowledged("clear_events", station)

    return Order(f"Clear all events: {_who(station)}", run)


def _password(loaded, station, text):
    def run(client, line, asked):
        level, old = asked.level("04"), asked.by("04")
        client.set_password(station.address, level, old, password("New password"))
        return _acknowledged("password", station)

    return Order(f"Change the password: {_who(station)}", run)


def _freeze(loaded, station, text):
    if text is None or text == _AT_ONCE:
        pattern, said = _AT_ONCE, f"Freeze the index now: {_who(station)}"
    else:
        _own(station, "a freeze pattern")
        pattern, said = text, f"Freeze all points {_when(text)}: {_who(station)}"

    def run(client, line, asked):
        _windowed(lambda: client.freeze(station.address, pattern), pattern != _AT_ONCE)
        return _acknowledged("freeze", station)

    return Order(said, run)


def _when(text: str) -> str:
    """Of a pattern MMDDhhmm: 99DDhhmm, 9999hhmm or 999999mm."""
    match = re.fullmatch(r"99(\d\d)(\d\d)(\d\d)", text)
    day, hour, minute = match.groups() if match else ("", "", "")
    sound = (
        match
        and (day == "99" or (1 <= int(day) <= 28 and hour != "99"))
        and (hour == "99" or int(hour) <= 23)
        and int(minute) <= 59
    )
    if not sound:
        raise SibiaoError(
            f"{text!r} is no pattern of freezes: 99DDhhmm each month (day 01 to 28), 9999hhmm "
            "each day, 999999mm each hour"
        )
    if hour == "99":
        return f"each hour at minute {minute}"
    return f"each {'day' if day == '99' else f'month on day {day}'} at {hour}:{minute}"


def _baud(loaded, station, text):
    _own(station, "the rate")
    codes = {str(baud): code for code, baud in BAUDS.items()}
    if text not in codes:
        raise SibiaoError(f"{text!r} is no rate of 17H: {', '.join(codes)}")

    def run(client, line, asked):
        lost = None
        try:
            _windowed(lambda: client.set_baud(station.address, codes[text]))
        except NoAnswer as error:
            lost = error  # the answer, or the request: it is heard at one rate or the other
        line.set_baud(int(text))
        try:
            client.read(station.address, _ADDRESS)
        except NoAnswer as error:
            if lost:
                raise lost from error
            raise SibiaoError(
                f"{station.address} has acknowledged {text} baud, and does not answer at it: a "
                "gateway keeps its own rate, set that too"
            ) from error
        return f"baud of converter: {text} now, also after a restart; sibiao … --baud {text}"

    return Order(f"Change the rate of the uplink to {text} baud: {_who(station)}", run)


def _write_address(loaded, station, text):
    _own(station, "15H asks whoever is alone on the line")
    if not re.fullmatch(r"\d{12}", text) or text in ("0" * 12, "9" * 12):
        raise SibiaoError(
            f"{text!r} is no station address: 12 digits, not all zero, not the one of all"
        )

    def run(client, line, asked):
        before = client.who()
        try:
            client.write_address(text)
        except NoAnswer as error:
            if error.address == ANYBODY:
                raise SibiaoError(f"{before} does not take {text}: {_WINDOW}; it refuses in "
                                  "silence, also an address that one of its points has") \
                    from error  # fmt: skip
            raise
        if client.read(text, _ADDRESS) != wire(text):
            raise SibiaoError(f"{before} has taken the address {text}, and reads back another")
        return f"address of who was alone on the line: {before} before, {text} now"

    return Order(f"Give whoever is alone on this line the address {text}", run)


def _valve(loaded, station, text):
    if text not in _TO:
        raise SibiaoError(f"{text!r}: a valve is told open or close")
    if station.name == CONVERTER:
        raise SibiaoError("which point? a valve is one meter's: --point")
    meter = loaded.meters[loaded.community.points[station.number - 1].meter]
    if meter.link != "cjt188":
        raise SibiaoError(f"{station.name} is no CJ/T 188 meter: no valve of it can be told")
    if meter.medium == "gas" and text == "open":
        raise SibiaoError(f"{station.name} is a gas meter: nobody opens its valve from afar")
    if "valve" not in loaded.community.policy.allow:
        raise SibiaoError(f'the policy of {loaded.name!r} moves no valve: allow = ["valve"] would')
    address, di = station.asked(_VALVE)

    def run(client, line, asked):
        by = asked.by("02")
        try:
            with line.patient(_METER_MS):
                _windowed(lambda: client.move_valve(address, di, _TO[text], by, asked.operator))
        except ErrorWord as error:
            raise SibiaoError(
                f"{error}. Of a valve: the meter was silent or refused, or has none; read its "
                "meter_status before you repeat"
            ) from error
        return f"valve of {station.name}: told to {text}, and the meter has answered"

    return Order(f"Tell the valve of {station.name} to {text}", run)


def _windowed(send: Callable[[], None], needed: bool = True) -> None:
    """Who is not authorised for want of the window is told how to open it."""
    try:
        send()
    except ErrorWord as error:
        if needed and error.is_unauthorised:
            raise SibiaoError(f"{error}; {_WINDOW}") from error
        raise


def _own(station: Station, what: str) -> None:
    if station.name != CONVERTER:
        raise SibiaoError(f"{what}: it is the converter's, not a point's: leave --point out")


def _who(station: Station) -> str:
    return f"{station.name}, {station.address or station.converter}"


def _acknowledged(what: str, station: Station) -> str:
    return f"{what}: acknowledged by {_who(station)}"


# By their names in the uplink: how it is made; values: the fewest and the most.
SERVICES = {
    "broadcast_time": (_broadcast_time, (0, 0)),
    "freeze": (_freeze, (0, 1)),
    "clear_events": (_clear_events, (0, 0)),
    "password": (_password, (0, 0)),
    "baud": (_baud, (1, 1)),
    "write_address": (_write_address, (1, 1)),
    "valve": (_valve, (1, 1)),
}
