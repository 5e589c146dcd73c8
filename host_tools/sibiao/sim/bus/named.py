"""From what a person types to a simulated meter: PROFILE[@ADDRESS][,NAME=VALUE]..."""

from __future__ import annotations

from pathlib import Path

from sibiao.config import load
from sibiao.errors import SibiaoError
from sibiao.sim.bus import mbus_frame, mbus_records
from sibiao.sim.bus.cjt188 import CjtMeter
from sibiao.sim.bus.faults import with_fault
from sibiao.sim.bus.mbus import MbusMeter
from sibiao.sim.bus.meter import Meter

# What NAME may be besides a quantity.
OPTIONS = {
    "fault": "one of the faults, NAME[=AMOUNT][@SHARE]; may be given again",
    "delay": "ms before it answers",
    "golden": "which of the profile's published telegrams, 1 is the first",
    "baud": "its rate, where it is not the profile's",
    "parity": "N, E or O",
    "address-in": 'data or header: where CJ/T 188 answers to "read address" have it',
    "fcb": "strict or ignored (M-Bus)",
    "deselect": "acknowledged or silent (M-Bus)",
    "fabrication": "8 digits, for the enhanced selection (M-Bus)",
    "fall-back": "seconds until it goes back to its own baud rate (M-Bus)",
    "pages": "2: one reading in two telegrams (M-Bus)",
}


class Typed:
    """A meter as it was typed, taken apart."""

    def __init__(self, text: str):
        what, *rest = text.split(",")
        self.profile, _, self.address = what.partition("@")
        self.faults: list[str] = []
        self.options: dict[str, str] = {}
        self.given: dict[str, str] = {}
        for pair in rest:
            name, equals, value = pair.partition("=")
            if not equals:
                raise SibiaoError(f"meter {text!r}: {pair!r} is not written NAME=VALUE")
            if name == "fault":
                self.faults.append(value)
            else:
                (self.options if name in OPTIONS else self.given)[name] = value

    def choice(self, name: str, first: str, second: str) -> bool:
        """Whether the first of two words is chosen; it is when none is."""
        value = self.options.get(name, first)
        if value not in (first, second):
            raise SibiaoError(f"{name}={value}: it is {first} or {second}")
        return value == first

    def number(self, name: str, default: float) -> float:
        try:
            return float(self.options.get(name, default))
        except ValueError as error:
            raise SibiaoError(f"{name}={self.options[name]}: it is a number") from error


def meter_of(text: str, faults: tuple[str, ...] = (), seed: int = 1, place: int = 0) -> Meter:
    """`place`: which meter of the bus it is, so that equal ones do not fail in step."""
    typed = Typed(text)
    path = Path(typed.profile)
    if path.suffix == ".hex":
        meter: Meter = _mbus_meter(typed, _telegrams_in(path), 2400, "E")
    else:
        profile = load.read("meters", typed.profile)
        if profile.link == "cjt188":
            meter = _cjt_meter(typed, profile)
        elif profile.link == "mbus":
            published = bytes.fromhex(profile.golden[_golden(typed, profile)].telegram)
            telegrams = mbus_frame.telegrams_of(published, typed.profile)
            meter = _mbus_meter(typed, telegrams, profile.line.baud, profile.line.parity)
        else:
            raise SibiaoError(f"meter {typed.profile!r} has no bus: its link is {profile.link!r}")
    for fault in (*faults, *typed.faults):
        meter = with_fault(meter, fault, seed + place)
    return meter


def _settings(typed: Typed, baud: int, parity: str) -> tuple[int, str]:
    parity = typed.options.get("parity", parity)
    if parity not in ("N", "E", "O"):
        raise SibiaoError(f"parity={parity}: it is N, E or O")
    return int(typed.number("baud", baud)), parity


def _golden(typed: Typed, profile) -> int:
    chosen = int(typed.number("golden", 1))
    if not 1 <= chosen <= len(profile.golden):
        raise SibiaoError(
            f"meter {typed.profile!r} has {len(profile.golden)} published telegrams, not {chosen}"
        )
    return chosen - 1


def _cjt_meter(typed: Typed, profile) -> CjtMeter:
    digits = typed.address
    if digits and (len(digits) != 14 or not all(c in "0123456789F" for c in digits)):
        raise SibiaoError(f"meter {typed.profile!r}: {digits!r} is no address of 14 digits")
    meter = CjtMeter(
        profile,
        typed.profile,
        address=digits or None,
        given=typed.given,
        golden=_golden(typed, profile),
        address_in_data=typed.choice("address-in", "data", "header"),
        delay_ns=round(typed.number("delay", 60) * 1e6),
    )
    meter.home = _settings(typed, *meter.home)
    return meter


def _mbus_meter(typed: Typed, telegrams: list[bytes], baud: int, parity: str) -> MbusMeter:
    primary, number = _mbus_address(typed)
    if typed.number("pages", 1) == 2:
        whole = mbus_frame.telegram_of(telegrams[0], typed.profile)
        telegrams = mbus_frame.split(whole, max(len(mbus_records.records(whole)[0]) // 2, 1))
    fabrication = typed.options.get("fabrication")
    baud, parity = _settings(typed, baud, parity)
    return MbusMeter(
        telegrams,
        f"{typed.profile} {typed.address}".strip(),
        primary=primary,
        identification=number,
        given=typed.given,
        baud=baud,
        parity=parity,
        strict_fcb=typed.choice("fcb", "strict", "ignored"),
        acks_deselect=typed.choice("deselect", "acknowledged", "silent"),
        fabrication=_eight(fabrication, typed)[::-1] if fabrication else None,
        fall_back_s=typed.number("fall-back", 30),
        delay_ns=round(typed.number("delay", 0) * 1e6) or None,
    )


def _mbus_address(typed: Typed) -> tuple[int | None, str | None]:
    """ "5" is a primary address, "12345678" an identification, "5/12345678" both."""
    primary = number = None
    for part in filter(None, typed.address.split("/")):
        if len(part) == 8:
            number = _eight(part, typed).hex()
        elif part.isdecimal():
            primary = int(part)
        else:
            raise SibiaoError(
                f"meter {typed.profile!r}: {part!r} is neither a primary address (0 to 250) "
                "nor an identification of 8 digits"
            )
    return primary, number


def _eight(digits: str, typed: Typed) -> bytes:
    if len(digits) != 8 or not digits.isdecimal():
        raise SibiaoError(f"meter {typed.profile!r}: {digits!r} has not 8 digits")
    return bytes.fromhex(digits)


def _telegrams_in(path: Path) -> list[bytes]:
    try:
        return [bytes.fromhex(path.read_text(encoding="ascii"))]
    except (OSError, ValueError) as error:
        raise SibiaoError(f"{path}: no file of one M-Bus telegram in hexadecimal") from error
