"""Which CJ/T 188 profiles read a meter that answered, the best first."""

from __future__ import annotations

from typing import NamedTuple

from converter.link import cjt188 as link

from sibiao.bus.found import Fit, Reading
from sibiao.bus.profiles import of_link
from sibiao.config.check.goldens import sound_frame
from sibiao.config.device.layouts import ask, dialect_row
from sibiao.config.schema.cjt188 import Cjt188Meter
from sibiao.explain import values188
from sibiao.explain.cjt188 import candidates

_MEDIA = {1: "water", 2: "heat", 3: "gas"}  # of the meter type's first digit


class Asked(NamedTuple):
    """How a read is asked: the type byte, and what `link.read_request` takes as di."""

    kind: int
    di: bytes


def asked_by(meter: Cjt188Meter) -> Asked:
    return Asked(int(meter.request.type, 16), ask(meter))


def fits(frame: bytes, asked: Asked, line: tuple[int, str]) -> list[Fit]:
    """Profiles that ask so and make sense of the answer. Those of the same maker come first, then
    those that understand more of it, then those that keep to the standard."""
    found = []
    for name in candidates(frame):
        meter = of_link("cjt188")[name]
        medium = _MEDIA.get(frame[link.TYPE] >> 4, meter.medium)
        if asked_by(meter) != asked or meter.medium != medium:
            continue
        values = values188.read(meter, frame)
        score = (
            _is_of_maker(meter, name, frame),
            -sum(not value.understood for value in values),
            len(values),
            (meter.line.baud, meter.line.parity) == line,
            not dialect_row(meter, name) and meter.dialect.address_order == "low first",
            meter.answer.body_bytes is not None,
        )
        readings = tuple(
            Reading(value.field.quantity, value.text(), value.unit())
            for value in values
            if not value.field.is_status
        )
        found.append(Fit(name, score, readings))
    return sorted(found, key=lambda fit: fit.score, reverse=True)


def address_text(wire: bytes, profile: str | None) -> str:
    """14 digits, most significant first as the profile has it on the wire."""
    meter = profile and of_link("cjt188")[profile]
    high_first = meter and meter.dialect.address_order == "high first"
    return (wire if high_first else wire[::-1]).hex().upper()


def _is_of_maker(meter: Cjt188Meter, name: str, frame: bytes) -> bool:
    """Whether a published telegram behind the profile has the same two bytes of the maker."""
    at = 0 if meter.dialect.address_order == "high first" else 5
    code = frame[link.ADDRESS + at : link.ADDRESS + at + 2]
    goldens = (sound_frame(golden.telegram, name) for golden in meter.golden)
    return any(code) and any(
        golden[link.ADDRESS + at : link.ADDRESS + at + 2] == code for golden in goldens
    )
