"""A profile proves itself: its published telegrams, decoded by the firmware's own code, give the
values that it states. A profile without one is refused."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from converter.link import cjt188 as link
from converter.meters import cjt188 as decoder
from converter.model.point import MeteringPoint

from sibiao.config import terms
from sibiao.config.check import goldens_mbus
from sibiao.config.device import layouts_mbus
from sibiao.config.device.layouts import ask, layout, layout_rows
from sibiao.config.schema.bus import BusField, BusMeter, Golden
from sibiao.config.schema.cjt188 import Cjt188Meter
from sibiao.config.schema.mbus import MbusMeter
from sibiao.errors import SibiaoError

UNKNOWN = "unknown"  # what a golden says of a field that the meter marks as not available
_EXAMPLE = "'12.5 kWh', '2013-01-08T09:24:30', or '04 08' for a status"


def check_goldens(meter: BusMeter, name: str) -> None:
    """SibiaoError when no published telegram stands behind the profile, or one says otherwise."""
    if all(golden.synthetic for golden in meter.golden):
        raise SibiaoError(
            f"meter {name!r} has no published telegram, so nothing proves it; "
            "add a [[golden]] with its source"
        )
    for number, golden in enumerate(meter.golden, 1):
        check_golden(meter, name, golden, f"meter {name!r}, golden telegram {number}")


def check_golden(meter: BusMeter, name: str, golden: Golden, where: str) -> None:
    point_of = _point_of_mbus if isinstance(meter, MbusMeter) else _point_of_cjt188
    point = point_of(meter, name, golden, where)
    stated = _stated(meter, golden, where)
    for slot, field in enumerate(meter.fields):
        quantity = field.quantity
        got = _got(point, slot)
        if got != stated[quantity]:
            raise SibiaoError(
                f"{where}: {quantity} decodes to {_shown(got)}, but "
                f"{golden.values[quantity]!r} is stated"
            )


def _point_of_mbus(meter: MbusMeter, name: str, golden: Golden, where: str) -> MeteringPoint:
    layouts_mbus.layout_rows(meter, name)  # an unknown quantity or unit is told first
    frames = goldens_mbus.sound_frames(golden.telegram, where)
    medium = goldens_mbus.medium_of(frames[0])
    if medium is not None and medium not in goldens_mbus.MEDIA[meter.medium]:
        _is_borrowed(golden, f"medium {medium:02X}", where)
    return goldens_mbus.point_of(meter, name, frames, where)


def _point_of_cjt188(meter: Cjt188Meter, name: str, golden: Golden, where: str) -> MeteringPoint:
    rows = layout_rows(meter, name)
    frame = sound_frame(golden.telegram, where)
    if not answers(meter, frame):
        raise SibiaoError(f"{where} is no answer to what the profile asks: T, C or DI differ")
    asked = int(meter.request.type, 16)
    if asked != link.WILDCARD and frame[link.TYPE] >> 4 != asked >> 4:
        _is_borrowed(golden, f"type {frame[link.TYPE]:02X}", where)
    point = MeteringPoint(bytes(6), bytes(row[0] for row in rows), 0)
    if not decoder.read_values(layout(meter, name), frame, point, 0):
        raise SibiaoError(f"meter {name!r}: the telegram has not the bytes that its fields need")
    return point


def _is_borrowed(golden: Golden, kind: str, where: str) -> None:
    """Whose telegram it is must stand beside it where it is not such a meter's."""
    if golden.borrowed is None:
        raise SibiaoError(
            f"{where} is of {kind}, not such a meter's; if it proves the layout all the same, "
            "name its meter with borrowed"
        )


def sound_frame(telegram: str, where: str) -> bytes:
    """The frame in a telegram, without what stands around it."""
    try:
        data = bytes.fromhex(telegram)
    except ValueError as error:
        raise SibiaoError(f"{where}: not hexadecimal: {error}") from error
    for at in range(len(data)):
        n = link.frame_len(data, at, len(data))
        if n > 0:
            return data[at : at + n]
    raise SibiaoError(f"{where}: no sound CJ/T 188 frame in it; is its checksum right?")


def answers(meter: Cjt188Meter, frame: bytes) -> bool:
    """Whether the frame answers this profile's request: function and data identifier."""
    asked = ask(meter)
    function = asked[2] if len(asked) > 2 else link.READ_DATA
    di = frame[link.DATA : link.DATA_SER]
    kind = meter.answer.type
    return (
        frame[link.CONTROL] == function | link.ANSWER
        and di == asked[:2]
        and kind in (None, f"{frame[link.TYPE]:02X}")
    )


def _got(point: MeteringPoint, slot: int):
    value = point.value(slot)
    if value is None:
        return None, 0
    return Decimal(value).scaleb(point.exponent(slot)), point.unit(slot)


def _stated(meter: BusMeter, golden: Golden, where: str) -> dict:
    fields = {f.quantity: f for f in meter.fields}
    if golden.values.keys() != fields.keys():
        differing = ", ".join(sorted(golden.values.keys() ^ fields.keys()))
        raise SibiaoError(f"{where}: its values are not the profile's fields: {differing}")
    return {q: _value(fields[q], text, f"{where}, {q}") for q, text in golden.values.items()}


def _value(field: BusField, text: str, where: str) -> tuple[Decimal | None, int]:
    if text == UNKNOWN:
        return None, 0
    try:
        return _parsed(field, text, where)
    except (ValueError, InvalidOperation) as error:
        raise SibiaoError(f"{where}: {text!r} is no value such as {_EXAMPLE}") from error


def _parsed(field: BusField, text: str, where: str) -> tuple[Decimal, int]:
    if field.is_clock:  # 2013-01-08T09:24:30
        return Decimal(field.clock_number(text)), 0
    if field.is_status:  # bytes as they came: ST0 ST1
        return Decimal(int.from_bytes(bytes.fromhex(text), "little")), 0
    number, _, unit = text.partition(" ")
    base, exponent = terms.lookup(terms.UNITS, unit, "unit", where)
    return Decimal(number).scaleb(exponent), base


def _shown(got: tuple[Decimal | None, int]) -> str:
    value, base = got
    if value is None:
        return UNKNOWN
    names = {b: n for n, (b, e) in terms.UNITS.items() if e == 0}
    return f"{value:f} {names.get(base, 'of another unit')}".strip()
