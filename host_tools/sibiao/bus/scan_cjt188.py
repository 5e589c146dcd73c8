"""Finding CJ/T 188 meters at one line setting. The standard has no search: whoever is alone
answers to AA; of several, each must be asked by its number."""

from __future__ import annotations

from converter.link import cjt188 as link

from sibiao.bus.fits_cjt188 import Asked, address_text, asked_by, fits
from sibiao.bus.found import Meter, Report
from sibiao.bus.profiles import of_link
from sibiao.bus.talk import PATIENCE, Heard, Talk
from sibiao.config.device.layouts import wire_address

_LINK = "cjt188"
_ADDRESS_DI = b"\x81\x0a"
_SHIFT = 0x33
_ADDRESS_BYTES = 7
_PREAMBLE_BYTES = 13  # the most that is known
# Longest answers: with the address in its data, and with a heat meter's reading.
_SHORT_ANSWER = _PREAMBLE_BYTES + 13 + 3 + _ADDRESS_BYTES
_LONG_ANSWER = _PREAMBLE_BYTES + 13 + 3 + 46
_REQUEST_BYTES = 19

_SHARED = (
    "something answers, and no frame of it is sound: several meters at once, or noise. CJ/T 188 "
    "has no search: read the numbers on the meters, and repeat with --address NUMBER for each (14 "
    "digits) and --baud {} --parity {}"
)
_MORE = (
    "besides what was found something answered that is no sound frame: noise, or several meters "
    "at once. Give the numbers of those that are missing with --address (--baud {} --parity {})"
)
_UNREAD = (
    "a meter tells its number {}, and answers no request to read that any profile makes; or "
    "answers of several meters have fallen together into this"
)


def address_requests() -> list[Asked]:
    """The address asked for in every dialect: of any type first, then of each profile's type."""
    variants = {(m.request.mirrored, m.dialect.data_plus_33) for m in of_link(_LINK).values()}
    asked = [Asked(link.WILDCARD, _address_di(*variant)) for variant in sorted(variants)]
    concrete = {
        Asked(
            int(m.request.type, 16),
            _address_di(m.request.mirrored, m.dialect.data_plus_33),
        )
        for m in of_link(_LINK).values()
    }
    return asked + sorted(concrete)


def data_requests() -> list[Asked]:
    """Every request to read that a profile makes, once."""
    return sorted({asked_by(meter) for meter in of_link(_LINK).values()})


def _address_di(mirrored: bool, shifted: bool) -> bytes:
    plain = _ADDRESS_DI[::-1] if mirrored else _ADDRESS_DI
    return bytes(b + _SHIFT * shifted & 0xFF for b in plain) + bytes([link.READ_ADDRESS])


def cost_ms(talk: Talk, addresses: list[str]) -> float:
    """How long it takes when nobody answers."""
    begin_ms = _begin_ms(talk)
    short_ms = talk.cost_ms(_REQUEST_BYTES, begin_ms, _SHORT_ANSWER)
    long_ms = talk.cost_ms(_REQUEST_BYTES, begin_ms, _LONG_ANSWER)
    given = sum(len(_requests_to(address)) for address in addresses)
    return (
        len(address_requests()) * short_ms + (len(data_requests()) + given * talk.tries) * long_ms
    )


def _begin_ms(talk: Talk) -> float:
    return 500 + 30 * talk.byte_ms  # Tr


def _requests_to(address: str) -> list[tuple[Asked, bytes]]:
    """Every request to read that a profile makes, with the address as the profile sends it."""
    return sorted({(asked_by(m), wire_address(m, address)) for m in of_link(_LINK).values()})


class Cjt188Scan:
    def __init__(self, talk: Talk, report: Report):
        self._talk = talk
        self._report = report
        self._out = bytearray(32)
        self._ser = 0

    def run(self, addresses: list[str]) -> None:
        """`addresses`: 14 digits each, of meters that are known to be there."""
        before = len(self._report.meters)
        told, garbled = {}, False
        for asked in address_requests():
            heard = self._ask(asked, link.ANY, _SHORT_ANSWER, 1)
            garbled |= heard.garbled
            for frame in heard.answers + heard.refusals:
                told[_told_address(frame, asked), frame[link.TYPE]] = None
        for wire, kind in told:
            self._read(wire, kind)
        if not told:
            garbled |= self._read_anyone()
        for address in addresses:
            self._read_given(address)
        if garbled:
            alone = len(self._report.meters) == before
            self._note((_SHARED if alone else _MORE).format(*self._setting))

    def _note(self, text: str) -> None:
        self._report.note(text, _LINK, self._talk.baud, self._talk.parity)

    def _ask(self, asked: Asked, address: bytes, answer_bytes: int, tries: int | None) -> Heard:
        self._ser = (self._ser + 1) & 0xFF
        n = link.read_request(self._out, asked.kind, address, asked.di, self._ser)
        request = bytes(self._out[:n])
        begin_ms = _begin_ms(self._talk)
        return self._talk.ask(request, begin_ms, answer_bytes, link.frame_len, link.accept, tries)

    def _read_anyone(self) -> bool:
        """Meters that do not know "read address"; whether something could not be understood."""
        garbled = False
        for asked in data_requests():
            heard = self._ask(asked, link.ANY, _LONG_ANSWER, 1)
            garbled |= heard.garbled
            for frame in heard.answers:
                self._add(frame[link.ADDRESS : link.CONTROL], frame, asked)
        return garbled

    def _read(self, wire: bytes, kind: int) -> None:
        """The meter of a known number: the profiles' requests, those for its own medium first,
        then their identifiers to its very type, for a telegram that a person can decode."""
        last = None
        of_profiles = sorted(data_requests(), key=lambda a: (_other_medium(a, kind), a))
        own = [Asked(kind, asked.di) for asked in of_profiles]
        for asked in dict.fromkeys(of_profiles + own):
            if last and asked not in of_profiles:
                break
            tries = 1 if _other_medium(asked, kind) else self._talk.tries + PATIENCE
            heard = self._ask(asked, wire, _LONG_ANSWER, tries)
            for frame in heard.answers:
                if fits(frame, asked, self._setting):
                    self._add(wire, frame, asked)
                    return
                last = frame, asked
        if last:
            self._add(wire, *last)
            return
        meter = Meter(_LINK, *self._setting, wire_address=wire)
        meter.address = address_text(wire, None)
        self._report.add(meter)
        self._note(_UNREAD.format(meter.address))

    def _read_given(self, address: str) -> None:
        last = None
        for asked, wire in _requests_to(address):
            if self._has(wire, asked):
                continue
            heard = self._ask(asked, wire, _LONG_ANSWER, None)
            for frame in heard.answers:
                last = wire, frame, asked
                if fits(frame, asked, self._setting):
                    self._add(*last)
        if last:
            self._add(*last)

    def _has(self, wire: bytes, asked: Asked) -> bool:
        """Whether the meter of this number and medium is found already."""
        return any(
            m.wire_address == wire and m.fits and not _other_medium(asked, m.kind)
            for m in self._report.meters
        )

    @property
    def _setting(self) -> tuple[int, str]:
        return self._talk.baud, self._talk.parity

    def _add(self, wire: bytes, frame: bytes, asked: Asked) -> None:
        found = fits(frame, asked, self._setting)
        profile = found[0].profile if found else None
        self._report.add(
            Meter(
                _LINK,
                *self._setting,
                telegrams=[frame],
                fits=found,
                wire_address=bytes(wire),
                address=address_text(wire, profile),
            )
        )


def _other_medium(asked: Asked, kind: int) -> bool:
    return asked.kind >> 4 != kind >> 4


def _told_address(frame: bytes, asked: Asked) -> bytes:
    """From the header, or from the data of meters that leave the wildcard in the header."""
    header = frame[link.ADDRESS : link.CONTROL]
    body = frame[link.DATA_BODY : -2]
    if header != link.ANY or len(body) != _ADDRESS_BYTES:
        return header
    shift = _SHIFT if asked.di[0] in (0x81 + _SHIFT, 0x0A + _SHIFT) else 0
    return bytes(b - shift & 0xFF for b in body)
