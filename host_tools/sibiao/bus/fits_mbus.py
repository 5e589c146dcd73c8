"""Which M-Bus profiles read a meter that answered, the best first."""

from __future__ import annotations

from typing import NamedTuple

from converter.link import mbus as link
from converter.link import mbus_select
from converter.link.mbus_search import Search
from converter.meters import mbus as decoder
from converter.meters import mbus_fixed

from sibiao.bus.found import Fit, Reading
from sibiao.bus.profiles import of_link
from sibiao.config.check.goldens_mbus import sound_frames
from sibiao.config.device.layouts_mbus import layout_rows, quirks
from sibiao.config.schema.mbus import MbusMeter
from sibiao.explain import mbus
from sibiao.explain.report import decimal_text
from sibiao.explain.values188 import UNIT_NAMES, Collected

# Of the medium's byte in a telegram's header.
_MEDIA = {0x03: "gas", 0x06: "water", 0x07: "water", 0x15: "water", 0x16: "water"}
_MEDIA |= dict.fromkeys((0x04, 0x0A, 0x0B, 0x0C, 0x0D), "heat")
_FIXED_MEDIA = {3: "gas", 4: "heat", 6: "water", 7: "water", 10: "gas", 11: "heat"}
_FIXED_MEDIA |= {12: "water", 13: "water"}
_FIXED = (0x73, 0x77)
_FABRICATION = "fabrication number"

# Whose telegrams stand behind the profile, told by the maker in their headers.
_OF_OTHERS, _OF_SEVERAL, _OF_ITS_TOO, _OF_ITS_ALONE = range(4)


class _Maker(NamedTuple):
    code: bytes  # 2 bytes, FF FF where the telegram does not say
    version: int
    medium: int


def secondary_of(telegram: bytes) -> bytes | None:
    """The secondary address in a telegram; FF for what it leaves open, None without a header."""
    search = Search()
    search.answered(telegram)
    found = bytes(search.found)
    return None if found == mbus_select.ANYONE else found


def fabrication_of(telegrams: list[bytes]) -> str | None:
    """The fabrication number (8 digits) that a reading tells."""
    for telegram in telegrams:
        for record in mbus.explain(telegram, with_spans=False).records:
            if record.quantity == _FABRICATION and record.value and record.value.isdecimal():
                return record.value.zfill(8)
    return None


def fits(telegrams: list[bytes], line: tuple[int, str]) -> list[Fit]:
    """Profiles whose every required row is answered. Those proven by telegrams of the same maker
    and version come first, then those of several makers; then those that read more."""
    found = []
    medium = _medium(telegrams[0])
    for name, meter in of_link("mbus").items():
        if medium not in (None, meter.medium):
            continue
        readings = _read(meter, name, telegrams)
        if readings is None:
            continue
        score = (
            *_kinship(meter, name, telegrams[0]),
            sum(reading.value is not None for reading in readings),
            (meter.line.baud, meter.line.parity) == line,
        )
        found.append(Fit(name, score, tuple(readings)))
    return sorted(found, key=lambda fit: fit.score, reverse=True)


def _read(meter: MbusMeter, name: str, telegrams: list[bytes]) -> list[Reading] | None:
    answer = decoder.Answer(b"".join(layout_rows(meter, name)), quirks(meter))
    answer.begin()
    for telegram in telegrams[: meter.telegrams]:
        if answer.take(memoryview(telegram)) == decoder.UNREADABLE:
            break
    collected = Collected()
    if not answer.publish(collected, 0):
        return None
    of_fields = collected.values[: len(meter.fields)]  # behind them stands the header's status
    return [
        Reading(field.quantity, _text(field, value, exponent), UNIT_NAMES.get(base, ""))
        for field, (value, exponent, base) in zip(meter.fields, of_fields, strict=True)
        if not field.is_status
    ]


def _text(field, value: int | None, exponent: int) -> str | None:
    if value is None or not field.is_clock:
        return decimal_text(value, exponent)
    d = f"{value:012d}"
    return f"20{d[:2]}-{d[2:4]}-{d[4:6]}T{d[6:8]}:{d[8:10]}:{d[10:]}"


def _medium(telegram: bytes) -> str | None:
    """The medium as profiles name it; None: the telegram does not say."""
    if telegram[link.CI] in _FIXED:
        return _FIXED_MEDIA.get(mbus_fixed.medium(telegram), "another")
    secondary = secondary_of(telegram)
    return _MEDIA.get(secondary[7], "another") if secondary else None


def _maker(telegram: bytes) -> _Maker:
    secondary = secondary_of(telegram) or mbus_select.ANYONE
    return _Maker(secondary[4:6], secondary[6], secondary[7])


def _kinship(meter: MbusMeter, name: str, telegram: bytes) -> tuple[int, bool]:
    makers = {
        _maker(frame)
        for golden in meter.golden
        if not golden.synthetic
        for frame in sound_frames(golden.telegram, name)[:1]
    }
    ours = _maker(telegram)
    codes = {maker.code for maker in makers}
    if ours.code in codes:
        return (_OF_ITS_ALONE if len(codes) == 1 else _OF_ITS_TOO), ours in makers
    return (_OF_SEVERAL if len(codes) > 1 else _OF_OTHERS), False
