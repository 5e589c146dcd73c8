"""The telegrams of an M-Bus profile, decoded by the firmware's own code."""

from __future__ import annotations

from converter.link import mbus as link
from converter.meters import mbus as decoder
from converter.model.point import MeteringPoint

from sibiao.config.device.layouts_mbus import layout_rows, quirks
from sibiao.config.schema.mbus import MbusMeter
from sibiao.errors import SibiaoError

# What a header's medium byte may say of each (EN 13757-3, table of device types).
MEDIA = {
    "water": (0x06, 0x07, 0x15, 0x16, 0x17),
    "gas": (0x03,),
    "heat": (0x04, 0x0A, 0x0B, 0x0C, 0x0D),
}


def medium_of(frame: bytes) -> int | None:
    """The medium byte of a variable structure's header; None where there is no such header."""
    return frame[link.DATA + 7] if frame[link.CI] in (0x72, 0x76) else None


def sound_frames(telegram: str, where: str) -> list[bytes]:
    """The answers in a golden telegram: one, or several where the meter needs them."""
    try:
        data = bytes.fromhex(telegram)
    except ValueError as error:
        raise SibiaoError(f"{where}: not hexadecimal: {error}") from error
    at, frames = 0, []
    while at < len(data):
        n = link.frame_len(data, at, len(data))
        if n <= 0 or data[at] != 0x68:
            raise SibiaoError(f"{where}: no sound M-Bus frame at byte {at}; is its sum right?")
        frames.append(data[at : at + n])
        at += n
    return frames


def point_of(meter: MbusMeter, name: str, frames: list[bytes], where: str) -> MeteringPoint:
    """A point with what the telegrams say."""
    rows = layout_rows(meter, name)
    point = MeteringPoint(bytes(6), bytes(row[0] for row in rows), 0)
    answer = decoder.Answer(b"".join(rows), quirks(meter))
    answer.begin()
    for number, frame in enumerate(frames[: meter.telegrams], 1):
        said = answer.take(memoryview(frame))
        if said == decoder.UNREADABLE:
            break
        if number == len(frames) and said == decoder.MORE and number < meter.telegrams:
            raise SibiaoError(
                f"{where}: the meter has more telegrams than these; say so with telegrams = "
                f"{len(frames)}, or add them"
            )
    if not answer.publish(point, 0):
        raise SibiaoError(f"{where}: a record of the profile's fields is not in it")
    return point
